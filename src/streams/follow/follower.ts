import { randomUUID } from 'node:crypto'
import { fixBeginning } from './checkpoint.ts'
import { type FollowerName, keysOf, prefixOf } from './names.ts'
import type { FollowerOptions, FollowerStatus } from './options.ts'
import { serveTerms } from './serve-terms.ts'
import { FOLLOWER_SETTINGS } from './settings.ts'
import type { Figures } from './term-options.ts'

export interface Follower {
  status(): FollowerStatus
  /** Begins to wait for the lease. */
  start(): void
  /** Finishes what is in work, writes the checkpoint and gives the lease back. */
  stop(): Promise<void>
}

/** Prepares a follower: from now on it misses nothing, whichever replica starts first. Rejects when NATS does not answer. */
export async function openFollower<Value>(options: FollowerOptions<Value>): Promise<Follower> {
  const { store, kind, name, source, beginning } = options
  const follower: FollowerName = { kind, name, stream: source.stream }
  const keys = keysOf(follower)
  const stopping = new AbortController()
  const figures: Figures = {
    state: 'standby',
    checkpoint: 0,
    pending: 0,
    parked: 0,
    retrying: 0,
    lastError: undefined,
  }
  const terms = {
    ...options,
    settings: { ...FOLLOWER_SETTINGS, ...options.settings },
    follower,
    keys,
    label: prefixOf(follower),
    holder: randomUUID(),
    figures,
    signal: stopping.signal,
  }
  let running: Promise<void> | undefined

  await fixBeginning(store, keys.checkpoint, source, beginning)

  return {
    status() {
      const { pending, ...others } = figures
      return { ...follower, ...others, lag: pending }
    },
    start() {
      running ??= serveTerms(terms)
    },
    async stop() {
      stopping.abort()
      await running
      figures.state = 'stopped'
    },
  }
}
