import type { ZodType } from 'zod'
import type { EventSource } from '../../streams/events/recorded-event.ts'
import type { GraphDefinition, Resolver } from '../schema/define-graph.ts'
import { type Entity, type EntityOptions, type EntityRow, defineEntity } from '../reads/entity.ts'
import { memberName } from '../live/live-types.ts'
import { changedOf, changesOf } from './changes.ts'
import { filterOf } from './filter.ts'
import { joinGraphs } from './join-graphs.ts'
import { type EntityLists, listsOf } from './lists.ts'
import { type MutationOptions, mutationsOf } from './mutations.ts'
import { oneOf } from './one.ts'

/** What `defineEntityGraph` takes. */
export interface EntityGraphOptions<Row, Commands> extends EntityOptions<Row> {
  /** Whose events its history is, and whose commands its mutations send. */
  aggregate: EventSource & { readonly commands: Commands }
  /** The plural of the type as it stands in a field's name; with an `s` unless given. */
  plural?: string
  /** Its lists; without them there is the field of one alone. */
  lists?: EntityLists<NoInfer<Row>>
  /** Whether clients can follow one of them, and all: `orderChanged`, `ordersChanged`. */
  live?: boolean
  /** The mutations that send its commands, by their names; the answer of each, `CommandResult`, shows the object then. */
  mutations?: Readonly<Record<string, MutationOptions<keyof NoInfer<Commands> & string>>>
  /** What the schema says of the generated fields, where that is not what it says of every entity. */
  descriptions?: Descriptions
  /**
   * SDL: the type itself, without `allEvents`; the types that it, the filter and the mutations need; fields of one's own. They are
   * written, not made of columns and schemas, since they promise more to a client: what is an ID, an amount or one of a few values,
   * and what it means.
   */
  typeDefs: string
  /** The fields of the type that are no columns of the row: what they get is inferred. */
  fields?: Readonly<Record<string, Resolver<Entity<NoInfer<Row>>>>>
  /** The resolvers of whatever else is in `typeDefs`. */
  resolvers?: GraphDefinition['resolvers']
  /** The types of other contexts that this one refers to or adds fields to, with the field that is their key. */
  references?: Record<string, string>
}

interface Descriptions {
  /** Of the field of one: `Query.order`. */
  one?: string
  /** Of the field of all: `Query.orders`. */
  all?: string
  /** Of the field with the object after a command: `CommandResult.order`. */
  changed?: string
}

/**
 * The graph of an entity: the fields that every one of them has, in the same words, and beside them what its author writes. For
 * the type `Order` these are
 *
 * - `order(id, asOf, asOfVersion, atLeast)`: one, as it is or as it was
 * - `orders(filter, orderBy, first, after, atLeast)`, `Customer.orders`: lists (`lists`)
 * - `orderChanged(id, after)`, `ordersChanged(filter, after)`: subscriptions (`live`)
 * - a field of `Mutation` for each command, and `CommandResult.order`, the object after it (`mutations`)
 * - `Order.allEvents(first, after)`: its history
 *
 * `defineEntity`, `connection`, `defineLive`, `command` and `defineGraph` are its pieces, for what has to be otherwise.
 *
 * @example
 * export const orderGraph = defineEntityGraph({
 *   type: 'Order',
 *   aggregate: order,
 *   projection: orderProjection,
 *   lists: {
 *     orderBy: { CREATED_AT: 'created_at' },
 *     filter: { status: ['status', '=', 'OrderStatus'], createdFrom: ['created_at', '>=', 'DateTime'] },
 *   },
 *   live: true,
 *   mutations: { createOrder: { command: 'create', input: 'CreateOrderInput!', creates: true } },
 *   fields: { customer: reference('Customer', ({ row }) => row.customer_id) },
 *   references: { Customer: 'id' },
 *   typeDefs: `
 *     type Order { id: ID!  status: OrderStatus!  customer: Customer }
 *     enum OrderStatus { CREATED SHIPPED }
 *     input CreateOrderInput { customerId: ID! }`,
 * })
 * @throws TypeError when a resolver of one's own is for a field that is generated
 */
export function defineEntityGraph<Row extends EntityRow, Commands extends Record<string, ZodType>>({
  plural,
  lists,
  live = false,
  mutations,
  descriptions = {},
  typeDefs,
  fields = {},
  resolvers = {},
  references = {},
  ...options
}: EntityGraphOptions<Row, Commands>): GraphDefinition {
  const entity = defineEntity<Row>(options)
  const { type, key } = entity
  const many = plural ?? `${memberName(type)}s`
  const filter = lists?.filter && filterOf(type, lists.filter)
  return joinGraphs([
    oneOf(entity, descriptions.one),
    ...(lists ? [listsOf(entity, lists, { field: many, filter, description: descriptions.all })] : []),
    ...(live ? [changesOf(entity, many, filter)] : []),
    ...(mutations
      ? [changedOf(entity, descriptions.changed), mutationsOf(key, options.aggregate, mutations)]
      : []),
    { typeDefs, resolvers, references },
    { typeDefs: [], resolvers: { [type]: { ...fields } } },
  ])
}
