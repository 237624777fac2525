import type { Resolver } from '../schema/define-graph.ts'

/**
 * The resolver of a field that is an object of another graph: null when there is none with that id. References of a list
 * are loaded together.
 *
 * @param type the name of the other type
 * @param idOf the other's id, of an entity or of whatever else the field's object is
 *
 * @example
 * const Order = { customer: reference('Customer', ({ row }: EntityOf<typeof orderEntity>) => row.customer_id) }
 * const OrderItem = { product: reference('Product', ({ sku }: { sku: string }) => sku) }
 */
export function reference<Parent = never>(
  type: string,
  idOf: (parent: Parent) => string | null,
): Resolver<Parent> {
  return (parent, _: unknown, context) => {
    const id = idOf(parent)
    return id === null ? null : context.entity(type, id)
  }
}
