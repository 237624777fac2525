import { backoffMs } from '../waiting/backoff.ts'
import { pause } from '../waiting/pause.ts'
import type { Handle } from './handler.ts'
import type { Lease } from './lease.ts'
import type { Logger } from '../logger.ts'
import type { FollowerSettings } from './settings.ts'
import type { Figures } from './term-options.ts'
import { isTransient } from '../waiting/transient.ts'

/** What came of an event. `stopped`: nothing is known, it is to be handled again. */
export type EventOutcome = { kind: 'done' } | { kind: 'stopped' } | { kind: 'poison'; cause: unknown }

export interface Attempts<Value> {
  /** Tries until it is done, or fails for good. */
  handle(value: Value, index: number, again: boolean): Promise<EventOutcome>
}

export interface AttemptsOptions<Value> {
  handle: Handle<Value>
  lease: Pick<Lease, 'isHeld'>
  signal: AbortSignal
  settings: Pick<FollowerSettings, 'retryMaxMs'>
  figures: Figures
  label: string
  logger: Logger
}

const HELD_POLL_MS = 50
const QUIET_MS = 10_000

export function createAttempts<Value>({
  handle,
  lease,
  signal,
  settings,
  figures,
  label,
  logger,
}: AttemptsOptions<Value>): Attempts<Value> {
  let toldAt = Number.NEGATIVE_INFINITY

  /** Once in ten seconds: when the cause is NATS or a service, it is the same for hundreds. */
  function tell(error: unknown): void {
    if (Date.now() - toldAt < QUIET_MS) return
    toldAt = Date.now()
    logger.warn(
      { err: error, follower: label, retrying: figures.retrying },
      `${label} could not handle an event and tries again; ${figures.retrying} wait like that`,
    )
  }

  async function attempt(value: Value, index: number, again: boolean): Promise<EventOutcome> {
    // Another may have the lease by now, and know of it before we do.
    while (!lease.isHeld() && !signal.aborted) await pause(HELD_POLL_MS, signal)
    if (signal.aborted) return { kind: 'stopped' }
    await handle(value, index, { again, signal, isActive: () => lease.isHeld() })
    return { kind: 'done' }
  }

  return {
    async handle(value, index, again) {
      let isRetrying = false
      try {
        for (let attempts = 0; ; attempts++) {
          try {
            return await attempt(value, index, again || attempts > 0)
          } catch (error) {
            if (signal.aborted) return { kind: 'stopped' }
            if (!isTransient(error)) return { kind: 'poison', cause: error }
            if (!isRetrying) figures.retrying++
            isRetrying = true
            tell(error)
            await pause(backoffMs(attempts, settings.retryMaxMs), signal)
          }
        }
      } finally {
        if (isRetrying) figures.retrying--
      }
    },
  }
}
