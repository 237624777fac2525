import type { Entity } from './entity.ts'
import type { Resolver } from './define-graph.ts'

/**
 * The resolver of a field that is an object of another graph: null when there is none with that id. References of a list
 * are loaded together.
 *
 * @param type the name of the other type
 * @param idOf the other's id
 *
 * @example
 * Order: { customer: reference('Customer', ({ row }: Order) => row.customer_id) }
 */
export function reference<Row>(type: string, idOf: (parent: Entity<Row>) => string | null): Resolver {
  return (parent: Entity<Row>, _: unknown, context) => {
    const id = idOf(parent)
    return id === null ? null : context.entity(type, id)
  }
}
