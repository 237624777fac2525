import type { GraphQLResolveInfo } from 'graphql/index.js'
import type { Position } from '../../streams/commit.ts'
import type { GraphContext } from '../context/context.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Resolver } from '../schema/define-graph.ts'
import { defineLoader } from './define-loader.ts'
import type { Entity, EntityDefinition, EntityRow } from './entity.ts'
import { type KeysetRequest, type KeysetRow, type Scope, countRows, selectPage } from './keyset.ts'
import { connectionTypeDefs } from './connection-types.ts'
import { selects } from './look-ahead.ts'
import { pageSize } from './page-size.ts'
import type { Condition } from './select-rows.ts'

export interface ConnectionOptions<Row, Filter> {
  /** The columns behind the values of the ordering's enum; the first one, descending, orders unless another is asked for. */
  orderBy: Record<string, keyof Row & string>
  /** What a filter comes to. Conditions without a value are not made. */
  where?: (filter: Filter) => Condition<Row>[]
}

export interface ConnectionArguments<Filter> {
  filter?: Filter | null
  orderBy?: { field: string; direction: 'ASC' | 'DESC' } | null
  first?: number | null
  after?: string | null
  /** The rows have to know of this position. */
  atLeast?: Position | null
}

export interface Connections<Row> {
  /** The SDL of the types that the lists need: `OrderConnection`, `OrderEdge`, `OrderOrder`, `OrderOrderField`. */
  readonly typeDefs: string
  /** The resolver of a list of all of them. */
  readonly all: Resolver
  /** The resolver of the list of those that belong to a parent: its id is in this column. One statement for all parents. */
  of(column: keyof Row & string): Resolver
}

const STANDARD = 20

interface Plan<Row> {
  request: KeysetRequest<Row>
  cursorKind: string
  wantsRows: boolean
  wantsCount: boolean
}

/**
 * The resolvers of an entity's lists: `{ edges { node cursor } nodes pageInfo totalCount }`, by the Relay specification
 * (https://relay.dev/graphql/connections.htm), forwards.
 */
export function connection<Row extends EntityRow, Filter = never>(
  entity: EntityDefinition<Row>,
  { orderBy, where }: ConnectionOptions<Row, Filter>,
): Connections<Row> {
  function plan(
    args: ConnectionArguments<Filter>,
    context: GraphContext,
    info: GraphQLResolveInfo,
  ): Plan<Row> {
    const { field, direction } = args.orderBy ?? { field: Object.keys(orderBy)[0] ?? '', direction: 'DESC' }
    const column = orderBy[field]
    if (column === undefined) throw new TypeError(`${entity.type} has no column to order by ${field}`)
    const cursorKind = `${entity.type} ${field} ${direction}`
    const after = args.after ?? undefined
    const [key = '', id = ''] = after === undefined ? [] : decodeCursor(after, cursorKind, 2)
    return {
      request: {
        table: entity.table,
        conditions: args.filter && where ? where(args.filter) : [],
        column,
        descending: direction === 'DESC',
        after: after === undefined ? undefined : [key, id],
        // One more than the page tells whether there is another.
        limit: pageSize(args.first, STANDARD, context.maxPage) + 1,
      },
      cursorKind,
      wantsRows: selects(info, 'edges', 'nodes', 'pageInfo'),
      wantsCount: selects(info, 'totalCount'),
    }
  }

  async function fetch(
    { request, wantsRows, wantsCount }: Plan<Row>,
    { db }: GraphContext,
    scope?: Scope<Row>,
  ) {
    const [rows, counts] = await Promise.all([
      wantsRows ? selectPage(db, request, scope) : [],
      wantsCount ? countRows(db, request, scope) : new Map<string, number>(),
    ])
    return { rows, counts }
  }

  function answer(
    found: KeysetRow<Row>[],
    count: number,
    { request, cursorKind }: Plan<Row>,
    context: GraphContext,
  ) {
    // What the caller may not see is left out of its page; the count is of all.
    const edges = found.slice(0, request.limit - 1).flatMap((row) => {
      const node = entity.of(row, context)
      return node ? [{ node, cursor: encodeCursor(cursorKind, row.ordering_key, row.id) }] : []
    })
    return {
      edges,
      nodes: edges.map(({ node }) => node),
      totalCount: count,
      pageInfo: {
        hasNextPage: found.length === request.limit,
        hasPreviousPage: request.after !== undefined,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    }
  }

  return {
    typeDefs: connectionTypeDefs(entity.type, Object.keys(orderBy)),
    async all(_: unknown, args: ConnectionArguments<Filter>, context, info) {
      const planned = plan(args, context, info)
      await context.beforeRead(entity.projection, args.atLeast)
      const { rows, counts } = await fetch(planned, context)
      return answer(rows, counts.get('') ?? 0, planned, context)
    },
    of(column) {
      const load = defineLoader(
        async (keys: readonly { parent: string; planned: Plan<Row> }[], context) => {
          const groups = Map.groupBy(keys, ({ planned }) => JSON.stringify(planned))
          const answers = new Map<unknown, ReturnType<typeof answer>>()
          for (const group of groups.values()) {
            const planned = group[0]?.planned
            if (!planned) continue
            const values = group.map(({ parent }) => parent)
            const { rows, counts } = await fetch(planned, context, { column, values })
            const byParent = Map.groupBy(rows, (row) => row.parent_id)
            for (const key of group) {
              const { parent } = key
              answers.set(key, answer(byParent.get(parent) ?? [], counts.get(parent) ?? 0, planned, context))
            }
          }
          return keys.map((key) => answers.get(key))
        },
        ({ parent, planned }) => `${parent} ${JSON.stringify(planned)}`,
      )
      return async ({ row }: Entity<{ id: string }>, args: ConnectionArguments<Filter>, context, info) => {
        const planned = plan(args, context, info)
        await context.beforeRead(entity.projection, args.atLeast)
        return await load(context).load({ parent: row.id, planned })
      }
    },
  }
}
