import type { ColumnType } from 'kysely'

/** Read as ISO 8601; written by the server's clock. */
type Timestamp = ColumnType<string, string | undefined, string>

/** One row a projection: what its table was made for, and how its runner fares. */
export interface ProjectionTable {
  name: string
  /** The version of the definition that the table holds the rows of. */
  version: number
  /** A hash of the definition's columns and sources; see `shape.ts`. */
  shape: string
  table_name: string
  /** Every table that is dropped before the projection is built anew; a fold has the one. */
  tables: string[]
  /** What the runner that holds the lock last said of itself: `up` or `down`. */
  state: string
  last_error: string | null
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
  updated_at: Timestamp
}

export interface KernelTables {
  tb_projection: ProjectionTable
  tb_projection_checkpoint: CheckpointTable
}
