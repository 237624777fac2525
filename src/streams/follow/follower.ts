import { randomUUID } from 'node:crypto'
import { backoffMs } from '../waiting/backoff.ts'
import { pause } from '../waiting/pause.ts'
import { fixBeginning } from './checkpoint.ts'
import { acquireLease } from './lease.ts'
import { type FollowerName, keysOf, prefixOf } from './names.ts'
import type { FollowerOptions, FollowerStatus } from './options.ts'
import { FOLLOWER_SETTINGS } from './settings.ts'
import { serveTerm } from './term.ts'
import type { Figures } from './term-options.ts'
import { isTransient } from '../waiting/transient.ts'

export interface Follower {
  status(): FollowerStatus
  /** Begins to wait for the lease. */
  start(): void
  /** Finishes what is in work, writes the checkpoint and gives the lease back. */
  stop(): Promise<void>
}

/** Prepares a follower: from now on it misses nothing, whichever replica starts first. Rejects when NATS does not answer. */
export async function openFollower<Value>(options: FollowerOptions<Value>): Promise<Follower> {
  const { store, kind, name, source, beginning, logger } = options
  const settings = { ...FOLLOWER_SETTINGS, ...options.settings }
  const follower: FollowerName = { kind, name, stream: source.stream }
  const keys = keysOf(follower)
  const label = prefixOf(follower)
  const holder = randomUUID()
  const stopping = new AbortController()
  const figures: Figures = {
    state: 'standby',
    checkpoint: 0,
    pending: 0,
    parked: 0,
    retrying: 0,
    lastError: undefined,
  }
  let running: Promise<void> | undefined

  await fixBeginning(store, keys.checkpoint, source, beginning)

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      const lease = await acquireLease(
        { store, key: keys.lease, holder, times: settings.lease, onFailure: unreachable },
        stopping.signal,
      )
      if (!lease) return
      const since = Date.now()
      try {
        await serveTerm({
          ...options,
          settings,
          follower,
          keys,
          label,
          holder,
          lease,
          figures,
          signal: stopping.signal,
        })
        failures = 0
        figures.state = 'standby'
      } catch (error) {
        // One that went well for a while begins again with short pauses.
        failures = Date.now() - since > settings.retryMaxMs ? 1 : failures + 1
        figures.lastError = error instanceof Error ? error.message : String(error)
        figures.state = isTransient(error) ? 'standby' : 'halted'
        if (isTransient(error))
          logger.warn({ err: error, follower: label }, `${label} was interrupted; it begins again`)
        else logger.error({ err: error, follower: label }, `${label} cannot go on; it tries again`)
      }
      await lease.release()
      if (failures > 0) await pause(backoffMs(failures, settings.retryMaxMs), stopping.signal)
    }
  }

  function unreachable(error: unknown): void {
    logger.debug({ err: error, follower: label }, 'the lease could not be read or renewed')
  }

  return {
    status: () => ({
      ...follower,
      state: figures.state,
      checkpoint: figures.checkpoint,
      lag: figures.pending,
      parked: figures.parked,
      retrying: figures.retrying,
      lastError: figures.lastError,
    }),
    start() {
      running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
      figures.state = 'stopped'
    },
  }
}
