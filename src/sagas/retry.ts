import { hash } from 'node:crypto'

/** When something is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** How often it is tried, the first time among them. */
  readonly attempts: number
  /** The pause before the second attempt; it doubles from there … */
  readonly pauseMs: number
  /** … up to this. */
  readonly maxPauseMs: number
}

/** Some two minutes in all: what is restarted is back by then. */
export const STEP_RETRY: RetryPolicy = { attempts: 10, pauseMs: 200, maxPauseMs: 30_000 }

/** Some quarter of an hour: to give up a compensation calls a person. */
export const COMPENSATION_RETRY: RetryPolicy = { attempts: 40, pauseMs: 200, maxPauseMs: 30_000 }

/** The half of the pause that is random, so that what failed together does not come again together. */
const JITTER = 0.5

/**
 * When the attempt after `attempt` is due. The jitter is drawn from the key, so that a decider that uses it stays pure.
 * @param now ISO 8601
 */
export function retryAt(policy: RetryPolicy, attempt: number, now: string, key: string): string {
  const pause = Math.min(policy.pauseMs * 2 ** Math.min(attempt - 1, 30), policy.maxPauseMs)
  const draw = hash('sha256', `${key} ${attempt}`, 'buffer').readUInt32BE() / 2 ** 32
  return new Date(Date.parse(now) + pause * (1 - JITTER * draw)).toISOString()
}
