import type { ColumnType, Generated } from 'kysely'

/** Read as ISO 8601; written by the server's clock. */
type Timestamp = ColumnType<string, string | undefined, string>

/** Read parsed; written as text. */
type Json<Value> = ColumnType<Value, string | null, string | null>

/** One row a projection: what its table was made for, and how its runner fares. */
export interface ProjectionTable {
  name: string
  /** The version of the definition that the table holds the rows of. */
  version: number
  /** A hash of the definition's columns and sources; see `shape.ts`. */
  shape: string
  /** Those that this version had before: a process that still has one leaves the table alone. */
  retired_shapes: Generated<string[]>
  table_name: string
  /** Every table that is dropped before the projection is built anew; a fold has the one. */
  tables: string[]
  /** What the runner that holds the lock last said of itself: `up` or `down`. */
  state: string
  last_error: string | null
  /** What the runner last said of its work: events a second, commits in its last batch; and when. */
  rate: Generated<number | null>
  batch_size: Generated<number | null>
  figures_at: ColumnType<string | null, never, string | null>
  updated_at: Timestamp
}

/** One row a projection and stream: the position that it has applied. */
export interface CheckpointTable {
  projection: string
  stream: string
  /** When the stream was made: a stream that was made anew has other commits at the same sequences. */
  stream_created: string
  /** What of the stream the projection reads. */
  subjects: string[]
  sequence: number
  /** Counts the tables that the projection has had: it moves with every swap, and stops whoever writes to the one before. */
  generation: Generated<number>
  /**
   * When the message at a sequence was recorded, in milliseconds since 1970: another one there was recorded at another time. It is
   * of the position if the sequence is; a release that does not know of it moves the position alone.
   */
  recorded_sequence: Generated<number | null>
  recorded_at: Generated<number | null>
  updated_at: Timestamp
}

/**
 * One row an event that waits: `parked` could not be applied, `queued` stands behind one of the same aggregate that is.
 * They belong to the rows of one table: the `live` one, or the `shadow` that a rebuild fills.
 */
export interface ParkedEventTable {
  projection: string
  target: 'live' | 'shadow'
  stream: string
  sequence: number
  /** Which event of the commit, from 0. */
  event_index: number
  aggregate: string
  aggregate_id: string
  event_id: string
  type: string
  status: 'parked' | 'queued'
  /** Of a parked one: a stable code, and what the handler said. */
  code: string | null
  cause: string | null
  attempts: number
  /** What somebody wants done with it; the runner does it and takes the row away, or clears this. */
  action: 'retry' | 'drop' | null
  parked_at: Timestamp
  updated_at: Timestamp
}

/** One row a projection and kind: the last (or present) long-running work on it. Who asks writes the row, a service does it. */
export interface JobTable {
  projection: string
  kind: 'rebuild' | 'verify'
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  /** What it is at, for people. */
  phase: string
  options: Json<Record<string, unknown>>
  /** Of the definition that it was begun with: another one begins anew. */
  version: number | null
  shape: string | null
  /** How far it has come, by stream, as of the last commit. */
  positions: Json<Record<string, number>>
  /** Events handled so far, and about how many there are. */
  events: number
  events_total: number
  /** Events a second, lately. */
  rate: number
  error: string | null
  result: Json<Record<string, unknown> | null>
  cancel_requested: boolean
  requested_at: Timestamp
  started_at: ColumnType<string | null, string | null | undefined, string | null>
  finished_at: ColumnType<string | null, string | null | undefined, string | null>
  updated_at: Timestamp
}

/** One row a stream whose commits are copied: how far. */
export interface CopiedStreamTable {
  id: Generated<number>
  stream: string
  /** When the stream was made: a stream that was made anew has other commits at the same sequences. */
  stream_created: string
  sequence: number
}

/** A copy of a commit; `version` is the aggregate's after it. */
export interface CommitCopyTable {
  stream_id: number
  aggregate: string
  aggregate_id: string
  version: number
  sequence: number
  /** The body of the commit: a JSON array of CloudEvents. As a text, since nobody looks into it here. */
  events: string
}

export interface KernelTables {
  tb_projection: ProjectionTable
  tb_projection_checkpoint: CheckpointTable
  tb_parked_event: ParkedEventTable
  tb_projection_job: JobTable
  tb_copied_stream: CopiedStreamTable
  tb_commit_copy: CommitCopyTable
}
