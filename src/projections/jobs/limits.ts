/** What bounds the memory of a rebuild, whatever it makes, and what a crash costs it. */
export interface RebuildLimits {
  /** Rows in memory. */
  rows: number
  /** Bytes of the events that the rows in memory were made of. */
  bytes: number
  /** Commits that are folded in one go. */
  batch: number
  /** How much time a crash costs at most, in milliseconds. */
  flushEveryMs: number
}

export const REBUILD_LIMITS: RebuildLimits = {
  rows: 50_000,
  bytes: 32 * 1024 * 1024,
  batch: 250,
  flushEveryMs: 5000,
}
