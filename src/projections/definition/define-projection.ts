import type { DataFrom, EventFrom, EventSources, TypesOf } from '../../streams/events/event-sources.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { ColumnSet, RowOf } from './column.ts'
import { assertColumnName, assertProjectionName } from './identifiers.ts'
import { assertSources, type FoldProjection, type PoisonPolicy, type Row } from './definition.ts'

/**
 * A conditional type only so that the compiler puts in what it has inferred for the columns before it looks at the
 * function: a literal in the returned object then keeps its type, and an author needs no `as const`.
 */
type Evolve<Columns extends ColumnSet, Event> = [RowOf<Columns>] extends [infer Row]
  ? (row: Readonly<Row> | null, event: Event) => Readonly<Row> | null
  : never

/** What `defineProjection` takes. */
export interface FoldDefinition<Name extends string, From extends EventSources, Columns extends ColumnSet> {
  /** Names the table `tb_<name>_projection` and the view `v_<name>`: a-z 0-9 _ */
  name: Name
  /** Raise it when rows come out differently; the projection is then built anew. */
  version: number
  /** The aggregates whose events it folds. Events of one aggregate come in order, those of different ones in any. */
  from: From
  /**
   * What the sources are together, when they all have the same events and one stream to themselves. Whatever is in that stream is
   * then folded, also of aggregates that this release does not know: which of them there are may change without the rows
   * coming out differently, and so builds nothing anew.
   */
  family?: string
  /** What becomes of an event that cannot be applied: it is parked, unless `halt` is said here. */
  onPoison?: PoisonPolicy
  /** One of them is the `key()`, a text. */
  columns: Columns
  /** The key of the row that an event goes to; the aggregate's id unless given. Pure. */
  key?: (event: EventFrom<From>) => string
  /** The row after an event, null for none. Pure, synchronous. Types that are not mentioned leave the row as it is. */
  evolve: { [Type in TypesOf<From>]?: Evolve<Columns, RecordedEvent<Type, DataFrom<From, Type>>> }
}

/**
 * Declares a projection that folds events into rows of one table. All types are inferred from the schemas.
 *
 * @example
 * const counts = defineProjection({
 *   name: 'count',
 *   version: 1,
 *   from: [counter],
 *   columns: { id: column.text().key(), total: column.bigint() },
 *   evolve: {
 *     'counter.added': (row, { aggregateId, data }) => ({ id: aggregateId, total: (row?.total ?? 0) + data.by }),
 *   },
 * })
 * @throws TypeError when a name is no identifier, or when there is not exactly one key
 */
export function defineProjection<
  const Name extends string,
  const From extends EventSources,
  Columns extends ColumnSet,
>(definition: FoldDefinition<Name, From, Columns>): FoldProjection<Columns> {
  const { name, version, from, family, columns, onPoison = 'park' } = definition
  assertProjectionName(name)
  assertSources(definition)
  const folds = new Map(Object.entries<unknown>(definition.evolve).filter(isHandler))
  const key: unknown = definition.key
  return {
    kind: 'fold',
    name,
    version,
    onPoison,
    from,
    ...(family !== undefined && { family }),
    columns,
    keyColumn: keyColumnOf(name, columns),
    handles: (type) => folds.has(type),
    keyedByAggregate: typeof key !== 'function',
    keyOf: typeof key === 'function' ? (event) => Reflect.apply(key, undefined, [event]) : aggregateId,
    evolve(row, event) {
      const fold = folds.get(event.type)
      return fold ? fold(row, event) : row
    },
  }
}

const aggregateId = (event: RecordedEvent) => event.aggregateId

/** Widens an author's function: what it gets is what it declares, since both come from the event's type. */
function isHandler(
  entry: [string, unknown],
): entry is [string, (row: Row | null, event: RecordedEvent) => Row | null] {
  return typeof entry[1] === 'function'
}

function keyColumnOf(name: string, columns: ColumnSet): string {
  for (const column of Object.keys(columns)) assertColumnName(column)
  const [key, ...others] = Object.entries(columns).filter(([, { isKey }]) => isKey)
  if (!key || others.length > 0)
    throw new TypeError(`The projection ${name} has to have exactly one key column`)
  const [column, { kind, isNullable }] = key
  if (kind !== 'text' || isNullable)
    throw new TypeError(`The key ${column} of the projection ${name} has to be a text`)
  return column
}
