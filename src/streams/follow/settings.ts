import { LEASE_TIMES, type LeaseTimes } from './lease.ts'
import { WINDOW, type WindowLimits } from './window.ts'

export interface FollowerSettings {
  lease: LeaseTimes
  window: WindowLimits
  /** The longest pause between two attempts, in milliseconds. */
  retryMaxMs: number
  /** How often the checkpoint is written at most, and what is asked for looked at. */
  tickMs: number
  /** How many lanes may have something parked; past that it halts, for then it is not the events that are wrong. */
  maxParked: number
  /** How long a stop waits for what is in work, in milliseconds. */
  drainMs: number
}

export const FOLLOWER_SETTINGS: FollowerSettings = {
  lease: LEASE_TIMES,
  window: WINDOW,
  retryMaxMs: 10_000,
  tickMs: 1000,
  maxParked: 10_000,
  drainMs: 5000,
}
