import type { GraphQLResolveInfo } from 'graphql/index.js'
import type { Position } from '../../streams/events/commit.ts'
import type { GraphContext } from '../context/context.ts'
import { decodeCursor, encodeCursor, sealCursor } from './cursor.ts'
import type { Resolver } from '../schema/define-graph.ts'
import { defineLoader } from './define-loader.ts'
import type { Entity, EntityDefinition, EntityRow } from './entity.ts'
import { type KeysetPage, type KeysetRequest, type Wanted, readPages } from './keyset.ts'
import { connectionTypeDefs } from './connection-types.ts'
import { selects } from './look-ahead.ts'
import { pageSize } from './page-size.ts'
import type { Condition } from './select-rows.ts'

/** What `connection` takes. */
export interface ConnectionOptions<Row, Filter> {
  /** The columns behind the values of the ordering's enum; the first one, descending, orders unless another is asked for. */
  orderBy: Record<string, keyof Row & string>
  /** What a filter comes to. Conditions without a value are not made. */
  where?: (filter: Filter) => Condition<Row>[]
}

/** The arguments of a list field. */
export interface ConnectionArguments<Filter> {
  filter?: Filter | null
  orderBy?: { field: string; direction: 'ASC' | 'DESC' } | null
  first?: number | null
  after?: string | null
  /** The rows have to know of this position. */
  atLeast?: Position | null
}

/** What `connection` makes. */
export interface Connections<Row> {
  /** The SDL of the types that the lists need: `OrderConnection`, `OrderEdge`, `OrderOrder`, `OrderOrderField`. */
  readonly typeDefs: string
  /** The resolver of a list of all of them. */
  readonly all: Resolver
  /** The resolver of the list of those that belong to a parent: its id is in this column. One statement for all parents. */
  of(column: keyof Row & string): Resolver
}

const STANDARD = 20

/** A list as one field asks for it. */
interface Plan<Row> {
  request: KeysetRequest<Row>
  cursorKind: string
  wanted: Wanted
}

/** A list of a parent. */
interface ParentKey<Row> {
  parent: string
  planned: Plan<Row>
}

/**
 * The resolvers of an entity's lists: `{ edges { node cursor } nodes pageInfo totalCount }`, by the Relay specification
 * (https://relay.dev/graphql/connections.htm), forwards.
 *
 * @example
 * const orders = connection(orderEntity, {
 *   orderBy: { CREATED_AT: 'created_at' },
 *   where: ({ status }: { status?: string | null }) => [['status', '=', status]],
 * })
 * const resolvers = { Query: { orders: orders.all }, Customer: { orders: orders.of('customer_id') } }
 */
export function connection<Row extends EntityRow, Filter = never>(
  entity: EntityDefinition<Row>,
  options: ConnectionOptions<Row, Filter>,
): Connections<Row> {
  async function planned(
    args: ConnectionArguments<Filter>,
    context: GraphContext,
    info: GraphQLResolveInfo,
  ): Promise<Plan<Row>> {
    const made = plan(entity, options, args, { context, info })
    await context.beforeRead(entity.projection, args.atLeast)
    return made
  }

  /** The lists of parents that ask for the same, in one statement. */
  async function answerAll(
    keys: readonly ParentKey<Row>[],
    context: GraphContext,
    column: keyof Row & string,
  ): Promise<(readonly [ParentKey<Row>, Answer<Row>])[]> {
    const common = keys[0]?.planned
    if (!common) return []
    const values = keys.map(({ parent }) => parent)
    const pages = await readPages(context.db, common.request, common.wanted, { column, values })
    return keys.map((key) => [key, answer(entity, common, context, pages.get(key.parent))] as const)
  }

  return {
    typeDefs: connectionTypeDefs(entity.type, Object.keys(options.orderBy)),
    async all(_: unknown, args: ConnectionArguments<Filter>, context, info) {
      const own = await planned(args, context, info)
      const pages = await readPages(context.db, own.request, own.wanted)
      return answer(entity, own, context, pages.get(''))
    },
    of(column) {
      const load = defineLoader(
        async (keys: readonly ParentKey<Row>[], context) => {
          const groups = [...Map.groupBy(keys, ({ planned: own }) => JSON.stringify(own)).values()]
          const answers = await Promise.all(
            groups.map(async (group): Promise<(readonly [ParentKey<Row>, Answer<Row> | Error])[]> => {
              try {
                return await answerAll(group, context, column)
              } catch (error) {
                // What one field asks for may be wrong with it alone; the others have their lists.
                const cause = error instanceof Error ? error : new Error(String(error))
                return group.map((key) => [key, cause])
              }
            }),
          )
          const found = new Map(answers.flat())
          return keys.map((key) => found.get(key))
        },
        ({ parent, planned: own }) => `${parent} ${JSON.stringify(own)}`,
      )
      return async ({ row }: Entity<{ id: string }>, args: ConnectionArguments<Filter>, context, info) =>
        await load(context).load({ parent: row.id, planned: await planned(args, context, info) })
    },
  }
}

/** @throws BadUserInputError for a cursor of something else, or a page of a size that there is none of */
function plan<Row extends EntityRow, Filter>(
  { type, table }: EntityDefinition<Row>,
  { orderBy, where }: ConnectionOptions<Row, Filter>,
  args: ConnectionArguments<Filter>,
  { context: { maxPage, sealed }, info }: { context: GraphContext; info: GraphQLResolveInfo },
): Plan<Row> {
  const { field, direction } = args.orderBy ?? { field: Object.keys(orderBy)[0] ?? '', direction: 'DESC' }
  const column = orderBy[field]
  if (column === undefined) throw new TypeError(`${type} has no column to order by ${field}`)
  const cursorKind = `${type} ${field} ${direction}`
  const after = args.after ?? undefined
  const [key = '', id = ''] = after === undefined ? [] : decodeCursor(after, cursorKind, 2, sealed)
  return {
    request: {
      table,
      conditions: args.filter && where ? where(args.filter) : [],
      column,
      descending: direction === 'DESC',
      after: after === undefined ? undefined : [key, id],
      // One more than the page tells whether there is another.
      limit: pageSize(args.first, STANDARD, maxPage) + 1,
    },
    cursorKind,
    wanted: { rows: selects(info, 'edges', 'nodes', 'pageInfo'), count: selects(info, 'totalCount') },
  }
}

type Answer<Row extends EntityRow> = ReturnType<typeof answer<Row>>

function answer<Row extends EntityRow>(
  entity: EntityDefinition<Row>,
  { request, cursorKind }: Plan<Row>,
  context: GraphContext,
  { rows, count }: KeysetPage<Row> = { rows: [], count: 0 },
) {
  // What the caller may not see is left out of its page; the count is of all.
  const page = rows.slice(0, request.limit - 1)
  const edges = page.flatMap((row) => {
    const node = entity.of(row, context)
    return node ? [{ node, cursor: encodeCursor(cursorKind, row.orderingKey, row.id) }] : []
  })
  const hasNextPage = rows.length === request.limit
  // Where all of a page is hidden the next one begins after a row that the caller may know nothing of.
  const hidden = edges.length === 0 && hasNextPage ? page.at(-1) : undefined
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    totalCount: count,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: hidden
        ? sealCursor(context.sealed, cursorKind, hidden.orderingKey, hidden.id)
        : (edges.at(-1)?.cursor ?? null),
    },
  }
}
