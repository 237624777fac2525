import type { Column } from '../../projections/definition/column.ts'
import { tableOf } from '../../projections/definition/identifiers.ts'
import type { FoldProjection } from '../../projections/definition/definition.ts'
import type { CommandAccepted } from '../../commands/command.ts'
import type { Position } from '../../streams/events/commit.ts'
import type { EventSource } from '../../streams/events/recorded-event.ts'
import { isToken } from '../../streams/events/subjects.ts'
import { type AsOf, rowAsOf } from './as-of.ts'
import { type Authorize, type PublicValues, maySeeRow } from '../schema/authorize.ts'
import type { GraphContext } from '../context/context.ts'
import { type Loader, defineLoader } from './define-loader.ts'
import type { KeyedEntity } from '../schema/entity-type.ts'
import { propertyOf } from '../schema/property-of.ts'
import { badId } from '../errors.ts'
import type { Resolver } from '../schema/define-graph.ts'
import { type History, type StartedHistory, lazyHistory, readHistory } from '../history/history.ts'
import { startHistory } from './start-history.ts'
import { selectByIds } from './select-rows.ts'

/** What every row of an entity's table has. */
export interface EntityRow {
  id: string
  /** The aggregate's version that the row has come to. */
  version: number
}

/** What the graph needs to know of a fold projection; its columns give the type of the row. */
export interface EntityProjection<Row> extends Pick<FoldProjection, 'name' | 'from' | 'evolve'> {
  readonly columns: { readonly [Name in keyof Row]: Column<Row[Name]> }
}

/** Aggregates of several types that are shown as one: their rows are in one table, keyed by type and id together. */
export interface AggregateFamily {
  readonly members: readonly EventSource[]
  /** Whose row has this key; undefined for what cannot be one. */
  locate(this: void, key: string): { aggregate: string; id: string } | undefined
}

/**
 * An object of the graph: current state and the way to it, at one version. The columns of the row are its properties as
 * well, in camel case (`customer_id` is `customerId`), so that such a field needs no resolver.
 */
export interface Entity<Row> {
  readonly row: Row
  readonly history: History
}

/** What `defineEntity` takes. */
export interface EntityOptions<Row> {
  /** The name of its type in the schema. */
  type: string
  /** What the row's id is called in the schema; `id` unless given. */
  key?: string
  /** Whose events its history is. */
  aggregate: EventSource | AggregateFamily
  /** What columns are called in the graph, where that is not their camel case. */
  names?: Readonly<Partial<Record<keyof NoInfer<Row> & string, string>>>
  /** Whose rows its state is; the same fold answers `asOf`. From its columns, and from nothing else, the type of the row is inferred. */
  projection: EntityProjection<Row>
  /** The fields that need the whole history: it is then read while the row is, not after it. `allEvents` is known. */
  fromHistory?: string[]
  /** Who may see which of them, and which fields. Whoever may not see an object finds none. */
  authorize?: Authorize<PublicValues<NoInfer<Row>>>
}

/** An entity as `defineEntity` gives it back: how one of them is read, as it is or as it was. */
export interface EntityDefinition<Row> extends KeyedEntity {
  readonly table: string
  /** Whose rows the table has. */
  readonly projection: EntityProjection<Row>
  /** Whose events its history is: the aggregate's name; of a family, that of its first member. */
  readonly aggregate: string
  readonly names?: Readonly<Record<string, string>>
  readonly authorize?: Authorize<PublicValues<Row>>
  readonly rows: EntityRows
  /**
   * The resolver of a field that finds one by its key, or as it was with `asOf` or `asOfVersion`. With `atLeast: PositionInput`
   * it waits until the row knows of that position.
   */
  readonly one: Resolver
  /** The resolver of a field of `CommandResult`: the object after the command, null when it is of another aggregate type. */
  readonly changed: Resolver
  /** The object that a row is; null when the caller may not see it. */
  of(row: Row, context: GraphContext): Entity<Row> | null
}

/** How `_entities` finds an entity: what whoever reads columns of its rows instead has to keep to. */
export interface EntityRows {
  /** False for what no row has. */
  isKey(this: void, key: string): boolean
  /** The `resolveAll` that does so. One that has been put in its place finds as it likes. */
  readonly foundBy: KeyedEntity['resolveAll']
}

interface OneArguments extends AsOf {
  atLeast?: Position | null
  /** The key's field has the id. */
  [key: string]: unknown
}

/** The parent that the resolvers of an entity's fields get. */
export type EntityOf<Definition> = Definition extends EntityDefinition<infer Row> ? Entity<Row> : never

/**
 * Joins an aggregate's log and its projection into one type of the graph.
 *
 * Its state comes from PostgreSQL and its history from the log, in parallel; rows are loaded in batches. History is shown
 * up to the version of the row, so that the two never contradict each other when the projection is a moment behind.
 *
 * @example
 * const orders = defineEntity({ type: 'Order', aggregate: order, projection: orderProjection })
 * type Order = EntityOf<typeof orders>
 * const Order = { customer: reference('Customer', ({ row }: Order) => row.customer_id) }
 */
export function defineEntity<Row extends EntityRow>(options: EntityOptions<Row>): EntityDefinition<Row> {
  const { type, key = 'id', aggregate, projection, fromHistory = [], authorize } = options
  const { members, locate } = familyOf(aggregate)
  const name = members[0]?.name ?? ''
  const table = tableOf(projection.name)
  const select = selectByIds<Row>(table)
  const rows: Loader<string, Row | null> = defineLoader((ids, { read }) => select(read, ids))
  const { names, historyOf, objectOf, of } = objectsOf(options, locate)

  async function resolve(id: string, context: GraphContext): Promise<Entity<Row> | null> {
    // An id that no aggregate can have: there is nothing to look for.
    if (!locate(id)) return null
    await context.beforeRead(projection)
    const row = await rows(context).load(id)
    return row && of(row, context)
  }

  async function resolveAll(ids: readonly string[], context: GraphContext): Promise<(Entity<Row> | null)[]> {
    const known = [...new Set(ids.filter((id) => locate(id) !== undefined))]
    await context.beforeRead(projection)
    const found = await select(context.read, known)
    const byId = new Map(known.map((id, index) => [id, found[index]]))
    return ids.map((id) => {
      const row = byId.get(id)
      return row ? of(row, context) : null
    })
  }

  return {
    type,
    key,
    table,
    projection,
    aggregate: name,
    aggregates: members.map((member) => member.name),
    names,
    ...(authorize && { authorize }),
    of,
    rows: { isKey: (key) => locate(key) !== undefined, foundBy: resolveAll },
    resolve,
    resolveAll,
    changed: ({ aggregate, id }: Pick<CommandAccepted, 'aggregate' | 'id'>, _: unknown, context) =>
      aggregate === name ? resolve(id, context) : null,
    async one(_: unknown, { [key]: id, atLeast, asOf, asOfVersion }: OneArguments, context, info) {
      if (typeof id !== 'string' || !locate(id)) throw badId(key)
      const history = historyOf(id, context)
      const past = await rowAsOf(projection, history, { asOf, asOfVersion })
      if (past !== undefined) return past && objectOf(past.row, readHistory(past.events), context)
      startHistory(history, info, { fromHistory, maxPage: context.maxPage })
      await context.beforeRead(projection, atLeast)
      const row = await rows(context).load(id)
      return row && objectOf(row, history.upTo(row.version), context)
    },
  }
}

/** How rows of an entity are its objects. */
function objectsOf<Row extends EntityRow>(
  { type, key = 'id', names, projection, authorize }: EntityOptions<Row>,
  locate: AggregateFamily['locate'],
) {
  const properties = columnsOf(projection).map(
    (column) => [column, names?.[column] ?? propertyOf(column)] as const,
  )

  function historyOf(id: string, context: GraphContext): StartedHistory {
    const place = locate(id)
    if (!place) throw new TypeError(`No aggregate has the row ${id} of ${type}`)
    return context.history(place.aggregate, place.id)
  }

  /** Null when the caller may not see it. */
  function objectOf(row: Row, history: History, { caller }: GraphContext): Entity<Row> | null {
    const found: Record<string, unknown> = { __typename: type }
    for (const [column, property] of properties) found[property] = row[column]
    found[key] = row.id
    const object = Object.assign(found, { row, history })
    return authorize && !maySeeRow(authorize, object, caller) ? null : object
  }

  return {
    /** Those that are not the column's in camel case. */
    names: Object.fromEntries(properties.filter(([column]) => names?.[column] !== undefined)),
    historyOf,
    objectOf,
    of: (row: Row, context: GraphContext): Entity<Row> | null =>
      objectOf(
        row,
        lazyHistory(() => historyOf(row.id, context).upTo(row.version)),
        context,
      ),
  }
}

function familyOf(aggregate: EventSource | AggregateFamily): AggregateFamily {
  if ('members' in aggregate) return aggregate
  const { name } = aggregate
  return { members: [aggregate], locate: (id) => (isToken(id) ? { aggregate: name, id } : undefined) }
}

function columnsOf<Row>({ columns }: EntityProjection<Row>): (keyof Row & string)[] {
  const names: (keyof Row & string)[] = []
  for (const name in columns) names.push(name)
  return names
}
