import { connection } from '../reads/connection.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { described } from './described.ts'
import type { Filter, FilterField } from './filter.ts'

/** The lists of an entity: how they may be ordered and filtered, and whose they are. */
export interface EntityLists<Row> {
  /** The columns behind the values of the ordering's enum; the first one, descending, orders unless another is asked for. */
  orderBy: Readonly<Record<string, keyof Row & string>>
  /** What all of them, and the subscription to all, can be narrowed to: the fields of the filter. */
  filter?: Readonly<Record<string, FilterField<Row>>>
  /** The lists of those that belong to an object of another type, by that type: `Customer.orders`. */
  of?: Readonly<Record<string, OwnedList<Row>>>
}

/** The list of those that belong to an object of another type: `Customer.orders`. */
export interface OwnedList<Row> {
  /** Has the owner's id; give it an index. */
  column: keyof Row & string
  /** What the schema says of the field. */
  description: string
}

interface AllOfThem<Row> {
  /** The name of the field: `orders`. */
  field: string
  /** What the schema says of it. */
  description: string | undefined
  filter: Filter<Row> | undefined
}

const DESCRIPTION = 'At most 100 a page; newest first unless ordered otherwise'

/** The list of all of an entity's objects, and those of their owners. */
export function listsOf<Row extends EntityRow>(
  entity: EntityDefinition<Row>,
  { orderBy, of = {} }: EntityLists<Row>,
  { field, description = DESCRIPTION, filter }: AllOfThem<Row>,
): GraphDefinition {
  const { type } = entity
  const lists = connection(entity, { orderBy, ...(filter && { where: filter.where }) })
  const owners = Object.entries(of)
  const filtered = filter ? `filter: ${filter.name}, ` : ''
  const page = 'first: Int = 20, after: String, atLeast: PositionInput'
  return {
    typeDefs: [
      `extend type Query {
        ${described(description)}
        ${field}(${filtered}orderBy: ${type}Order, ${page}): ${type}Connection!
      }`,
      ...owners.map(
        ([owner, list]) => `extend type ${owner} {
          ${described(list.description)}
          ${field}(${page}): ${type}Connection!
        }`,
      ),
      lists.typeDefs,
      ...(filter ? [filter.typeDefs] : []),
    ],
    resolvers: {
      Query: { [field]: lists.all },
      ...Object.fromEntries(owners.map(([owner, { column }]) => [owner, { [field]: lists.of(column) }])),
    },
  }
}
