import type { Position } from '../../streams/events/commit.ts'

/**
 * `starting` connects and prepares the table; `standby` waits for the lock, which another process holds; `rebuilding` waits
 * for the table that its definition needs, while the one of an older definition goes on serving; `up` applies;
 * `lagging` does so, but is behind by more than the threshold; `down` has failed and tries again; `superseded` leaves
 * the table to a newer release; `stopped` was told to.
 */
export type ProjectionState =
  'starting' | 'standby' | 'rebuilding' | 'up' | 'lagging' | 'down' | 'superseded' | 'stopped'

export interface ProjectionFailure {
  code: string
  message: string
  /** ISO 8601 */
  at: string
  /** Of the commit that cannot be applied, when the failure is about one. */
  position?: Position
}

export interface ProjectionStatus {
  name: string
  state: ProjectionState
  /** By stream: the sequence applied last, and how many commits are known to wait behind it. */
  positions: Record<string, { applied: number; pending: number }>
  /** Events not applied yet; what is still at the server counts one a commit. */
  lagEvents: number
  /** The age of the oldest event that is not applied yet, in milliseconds; 0 when caught up. */
  lagMs: number
  /** Events that could not be applied and wait for somebody; and those of the same aggregates that queue behind them. */
  parked: number
  queued: number
  /** By this process, since it started. */
  eventsApplied: number
  /** Averaged over the last seconds. */
  ratePerSecond: number
  lastBatch: { commits: number; events: number; ms: number; at: string } | null
  /** The last failure; it stays after the recovery, which the state tells. */
  lastError: ProjectionFailure | null
}
