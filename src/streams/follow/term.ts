import { LogUnavailableError } from '../log-errors.ts'
import { pause } from '../waiting/pause.ts'
import { persistently } from '../waiting/persistently.ts'
import { type CheckpointKeeper, assertSame, openCheckpoint } from './checkpoint.ts'
import { createAttempts } from './attempt.ts'
import { createLanes } from './lanes.ts'
import type { Lease } from './lease.ts'
import { type FollowerName, type keysOf, laneOf } from './names.ts'
import type { FollowerOptions, FollowerStatus } from './options.ts'
import { openParking } from './parking.ts'
import type { FollowerSettings } from './settings.ts'
import type { Item, SourceTail } from './source.ts'
import { type Window, createWindow } from './window.ts'

/** What the active replica tells of itself. */
export interface Figures {
  state: FollowerStatus['state']
  checkpoint: number
  pending: number
  parked: number
  retrying: number
  lastError: string | undefined
}

export interface TermOptions<Value> extends FollowerOptions<Value> {
  settings: FollowerSettings
  follower: FollowerName
  keys: ReturnType<typeof keysOf>
  /** What it is called in logs. */
  label: string
  holder: string
  lease: Lease
  figures: Figures
  /** Stops it in order. */
  signal: AbortSignal
}

/** How many ticks there are between two looks at whether the stream is still the one it was. */
const TICKS_A_LOOK = 5
const QUIET_MS = 10_000

/**
 * What one replica does while it has the lease: reads on from the checkpoint, handles, parks, moves the checkpoint. Ends when the
 * lease is lost or it is to stop. Rejects when it cannot go on, with the checkpoint as far as everything is done.
 */
export async function serveTerm<Value>(options: TermOptions<Value>): Promise<void> {
  const { store, source, settings, keys, label, holder, lease, figures, logger } = options
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, lease.ended, ending.signal])
  let toldAt = 0
  let failure: { cause: unknown } | undefined
  const fail = (cause: unknown) => {
    failure ??= { cause }
    ending.abort()
  }

  const checkpoint = await openCheckpoint({ store, key: keys.checkpoint, writer: holder }, source, label)
  const handle = await options.handler({ epoch: checkpoint.epoch })
  const window = createWindow(checkpoint.sequence, settings.window)
  const lanes = createLanes()
  const attempts = createAttempts({ handle, lease, signal, settings, figures, label, logger })
  const parking = await openParking({ ...options, signal, attempts, lanes })
  figures.state = 'active'
  figures.lastError = undefined
  figures.checkpoint = checkpoint.sequence
  logger.debug({ follower: label, checkpoint: checkpoint.sequence }, `${label} is active here`)
  await tellWhatExpired()

  const tail = await source.open(checkpoint.sequence, settings.window.items)
  const close = () => {
    window.close()
    void tail.close().catch(fail)
  }
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  const ticking = tick().catch(fail)
  try {
    await take(tail)
    // A tail has no end of its own: the stream is gone, or the connection for good.
    if (!signal.aborted)
      throw new LogUnavailableError('refused', `The stream ${source.stream} cannot be followed any more`)
  } catch (error) {
    fail(error)
  } finally {
    ending.abort()
    await ticking
    // Its timer would keep a process that stops alive for all of that time.
    const patience = new AbortController()
    await Promise.race([lanes.settled(), pause(settings.drainMs, patience.signal)])
    patience.abort()
    if (!lease.ended.aborted) await checkpoint.save(window.done).catch(tooLate)
    figures.checkpoint = checkpoint.sequence
    figures.retrying = 0
  }
  if (failure) throw failure.cause

  /** Messages of others may be all that is gone: the stream does not tell. */
  async function tellWhatExpired(): Promise<void> {
    const { first } = await source.state()
    if (!source.expires || checkpoint.sequence === 0 || first <= checkpoint.sequence + 1) return
    logger.warn(
      { follower: label, checkpoint: checkpoint.sequence, first },
      `${source.stream} begins at ${first} by now: ${label} may have missed what was before, which has expired`,
    )
  }

  async function take(items: SourceTail<Value>): Promise<void> {
    for await (const { item, pending } of items) {
      const room = window.room()
      if (room) await waitFor(room)
      if (signal.aborted) return
      window.add(item.sequence, item.size)
      figures.pending = pending + window.count
      const lane = laneFor(item)
      lanes.add(lane, () => work(item, lane).catch(fail))
    }
  }

  async function waitFor(room: Promise<void>): Promise<void> {
    // Most often for a moment; for long only when what is in work has to wait itself.
    if (figures.retrying > 0 && Date.now() - toldAt > QUIET_MS) {
      toldAt = Date.now()
      const { retrying, pending } = figures
      logger.warn(
        { follower: label, retrying, pending },
        `${label} takes nothing more in until what fails passes`,
      )
    }
    await room
  }

  async function work(item: Item<Value>, lane: string): Promise<void> {
    if (signal.aborted) return
    const isDone = parking.blocks(lane) || (await parking.handleOrPark(item, lane, 0, false)) !== 'stopped'
    if (!isDone) return
    window.finish(item.sequence)
    figures.pending = Math.max(window.count, figures.pending - 1)
  }

  function laneFor({ aggregate, id, sequence }: Item<Value>): string {
    const lane = laneOf(aggregate, id)
    return options.order === 'aggregate' ? lane : `${lane}.${sequence}`
  }

  async function tick(): Promise<void> {
    for (let ticks = 1; !signal.aborted; ticks++) {
      await pause(settings.tickMs, signal)
      if (signal.aborted) return
      await transiently(() => saveCheckpoint(checkpoint, window))
      await transiently(() => parking.lookForRequests(() => window.last))
      if (ticks % TICKS_A_LOOK === 0) {
        await transiently(async () => {
          await assertSame(source, label, checkpoint)
          // With nothing new to write, the write does not tell.
          if (await checkpoint.isReset()) beginAgain()
        })
      }
    }
  }

  async function saveCheckpoint(keeper: CheckpointKeeper, { done }: Window): Promise<void> {
    if (!(await keeper.save(done))) beginAgain()
    figures.checkpoint = keeper.sequence
  }

  function beginAgain(): void {
    logger.warn(
      { follower: label },
      `the checkpoint of ${label} was written by another: this replica begins again from there`,
    )
    ending.abort()
  }

  async function transiently(action: () => Promise<void>): Promise<void> {
    await persistently(action, { signal, maxMs: settings.retryMaxMs, onFailure: passing }).catch(tooLate)
  }

  function passing(error: unknown): void {
    if (!attempts.isTransient(error)) throw error
    logger.debug({ err: error, follower: label }, 'NATS did not answer; it is asked again')
  }

  function tooLate(error: unknown): void {
    if (!signal.aborted) throw error
  }
}
