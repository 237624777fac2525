import type { Commit } from '../../streams/events/commit.ts'
import type { Writing } from '../batch/writer.ts'

/** A table that is filled from the log beside the live one: commits go in, and are durable once they are flushed. */
export interface Shadow {
  /**
   * Takes commits, in the order of the log; they may stay in memory until `flush`.
   * @throws BatchCommitError for an event that cannot be applied, and is not to be left out
   */
  take(commits: readonly Commit[]): Promise<void>
  /** Whether so much is in memory that it has to be flushed. */
  readonly isFull: boolean
  /** Writes what is in memory, in the caller's transaction. */
  flush(writing: Writing): Promise<void>
  /** Makes the keys and indexes that readers need; after it the table may still be written to. */
  finish(writing: Writing): Promise<void>
}
