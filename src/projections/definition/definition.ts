import type { Kysely, Transaction } from 'kysely'
import type { EventSources } from '../../streams/events/event-sources.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { ColumnSet, RowOf } from './column.ts'

/** A row as the engine handles it: by column name, its types known to its definition only. */
export type Row = Record<string, unknown>

/** Tables that the kernel does not know the columns of. */
export type AnyTables = Record<string, Record<string, unknown>>

/**
 * What becomes of an event that cannot be applied: `park` puts it aside, with what follows of its aggregate, until somebody
 * retries or drops it, and all others flow; `halt` stops the projection in front of it.
 */
export type PoisonPolicy = 'park' | 'halt'

interface ProjectionBase {
  readonly name: string
  readonly onPoison: PoisonPolicy
  /** Raise it when rows come out differently: a projection of an older version is built anew. */
  readonly version: number
  readonly from: EventSources
  /** See `FoldDefinition`. */
  readonly family?: string
  /** Whether there is a handler for this type; the other types of the sources leave the rows as they are. */
  handles(type: string): boolean
}

/** A projection as a pure fold of events into rows. */
export interface FoldProjection<Columns extends ColumnSet = ColumnSet> extends ProjectionBase {
  readonly kind: 'fold'
  readonly columns: Columns
  readonly keyColumn: string
  /** Whether the rows are keyed by the aggregates' ids: no `key` of its own. */
  readonly keyedByAggregate: boolean
  /** The key of the row that an event goes to. */
  keyOf(event: RecordedEvent): string
  /** The row after the event, null for none. Pure. */
  evolve(row: Row | null, event: RecordedEvent): Row | null
}

/** A projection as SQL statements of its own, in the engine's transaction. */
export interface SqlProjection extends ProjectionBase {
  readonly kind: 'sql'
  migrate(schema: Kysely<AnyTables>, table: string): Promise<void>
  apply(event: RecordedEvent, tx: Transaction<AnyTables>, table: string): Promise<void>
}

/** What `defineProjection` and `defineSqlProjection` make. */
export type ProjectionDefinition = FoldProjection | SqlProjection

/** The row type of a fold projection: `ProjectionRow<typeof orderProjection>`. */
export type ProjectionRow<Of extends FoldProjection> = RowOf<Of['columns']>

/** @throws TypeError for what no projection may be */
export function assertSources({
  name,
  version,
  from,
}: Pick<ProjectionDefinition, 'name' | 'version' | 'from'>) {
  if (!Number.isSafeInteger(version) || version < 1 || version > 2_147_483_647) {
    throw new TypeError(`The version of the projection ${name} has to be a whole number from 1 on`)
  }
  if (from.length === 0) throw new TypeError(`The projection ${name} reads from nothing: name its aggregates`)
}
