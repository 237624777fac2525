import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import { pause } from '../waiting/pause.ts'
import type { FollowerStore } from './store.ts'

/** How a lease is kept and taken over, in milliseconds. */
export interface LeaseTimes {
  /** From when on a lease that is not renewed may be taken over. */
  ttlMs: number
  renewMs: number
  /** How often one that somebody else has is looked at. */
  pollMs: number
}

export const LEASE_TIMES: LeaseTimes = { ttlMs: 3000, renewMs: 1000, pollMs: 300 }

/** The right to be the one replica that acts. */
export interface Lease {
  /** Aborted when another has it, or it was given back. */
  readonly ended: AbortSignal
  /**
   * False when it was not renewed for so long that another may have taken it: begin nothing then. It may come true again.
   * Nobody's clock is compared with another's: both sides measure how long ago something happened.
   */
  isHeld(): boolean
  /** Gives it back, so that another can have it at once. */
  release(): Promise<void>
}

export interface LeaseOptions {
  store: FollowerStore
  key: string
  /** What this replica is told apart by. */
  holder: string
  times: LeaseTimes
  onFailure: (error: unknown) => void
}

const LeaseValue = z.object({
  holder: z.string(),
  /** Where it runs, for a person. */
  host: z.string(),
  held: z.boolean(),
})
export type LeaseValue = z.output<typeof LeaseValue>

/** Who has a lease, if anybody has. */
export function parseLease(value: unknown): LeaseValue | undefined {
  const result = LeaseValue.safeParse(value)
  return result.success ? result.data : undefined
}

/**
 * Waits until the lease is ours: nobody has it, it was given back, or it was not renewed for `ttlMs` while we looked.
 * @returns undefined when the signal came first
 */
export async function acquireLease(options: LeaseOptions, signal: AbortSignal): Promise<Lease | undefined> {
  const { store, key, holder, times, onFailure } = options
  const value = { holder, host: `${hostname()} ${process.pid}`, held: true }
  let seen: { revision: number; since: number } | undefined
  while (!signal.aborted) {
    try {
      const entry = await store.get(key)
      const sentAt = performance.now()
      const current = parseLease(entry?.value)
      let revision: number | undefined
      if (!entry) revision = await store.create(key, value)
      else if (!current?.held || current.holder === holder) {
        revision = await store.update(key, value, entry.revision)
      } else if (seen?.revision !== entry.revision) seen = { revision: entry.revision, since: sentAt }
      else if (sentAt - seen.since > times.ttlMs) {
        revision = await store.update(key, value, entry.revision)
      }
      if (revision !== undefined) return holdLease(options, value, revision, sentAt)
    } catch (error) {
      // While NATS is away nobody can renew: what was seen before says nothing any more.
      seen = undefined
      onFailure(error)
    }
    await pause(times.pollMs * (0.8 + 0.4 * Math.random()), signal)
  }
  return undefined
}

function holdLease(
  { store, key, times, onFailure }: LeaseOptions,
  value: LeaseValue,
  first: number,
  since: number,
): Lease {
  const ending = new AbortController()
  let revision = first
  let renewedAt = since
  const renewing = renew()

  async function renew(): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(times.renewMs, ending.signal)
      if (ending.signal.aborted) return
      const sentAt = performance.now()
      try {
        const next = await store.update(key, value, revision)
        if (next !== undefined) {
          revision = next
          renewedAt = sentAt
          continue
        }
        // An answer that was lost looks like this too: the entry is then ours.
        const entry = await store.get(key)
        if (entry && parseLease(entry.value)?.holder === value.holder) revision = entry.revision
        else ending.abort()
      } catch (error) {
        onFailure(error)
      }
    }
  }

  return {
    ended: ending.signal,
    isHeld: () => !ending.signal.aborted && performance.now() - renewedAt < times.ttlMs,
    async release() {
      const isOurs = !ending.signal.aborted
      ending.abort()
      await renewing
      if (isOurs) await store.update(key, { ...value, held: false }, revision).catch(onFailure)
    },
  }
}
