import type { Position } from '../../streams/events/commit.ts'
import type { Positions, RecordedTimes } from '../positions/checkpoint.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'
import { lastSequence } from '../sources/log-end.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import type { RebuildLimits } from '../jobs/limits.ts'
import type { Shadow } from './shadow.ts'

/** Batches that are read ahead. */
const AHEAD = 2

export interface ReplayOptions {
  streams: SourceStream[]
  shadow: Shadow
  /** Where an earlier attempt had come to, by stream. */
  from: Positions
  /** Makes what the shadow has in memory durable, with the positions that it then has. */
  flush: (positions: Positions) => Promise<void>
  /** Where to end, exactly: what comes after is left out. Unless given, all that there is. */
  until?: Positions
  /** Hears of each batch: events taken, and commits known to be left. */
  onProgress: (events: number, left: number) => void
  limits: Pick<RebuildLimits, 'batch' | 'flushEveryMs'>
  signal: AbortSignal
}

/** The log on its way into a shadow. */
export interface Replay {
  /** What the shadow has taken, by stream. */
  readonly positions: Positions
  /** When what was taken last was recorded, by stream; without those of which nothing was taken since it was opened. */
  readonly recorded: RecordedTimes
  /** Takes everything up to these positions, and perhaps more, flushing now and then. */
  upTo(targets: Positions): Promise<void>
  /** The same, all in memory: for a small rest. */
  takeUpTo(targets: Positions): Promise<void>
  close(): Promise<void>
}

export async function openReplay(options: ReplayOptions): Promise<Replay> {
  const { streams, shadow, flush, until, onProgress, limits, signal } = options
  const positions = new Map(streams.map(({ log }) => [log.stream, options.from.get(log.stream) ?? 0]))
  const queue = await openCommitQueue({
    sources: streams.map((stream) => ({ stream, after: positions.get(stream.log.stream) ?? 0 })),
    buffer: limits.batch * AHEAD,
    malformed: 'keep',
  })
  const recorded = new Map<string, number>()
  let flushedAt = performance.now()

  async function takeSome(): Promise<void> {
    const arrived = await queue.peek(limits.batch, signal)
    const commits = until ? arrived.filter(({ position }) => isWithin(until, position)) : arrived
    await shadow.take(commits)
    const events = commits.reduce((sum, commit) => sum + commit.events.length, 0)
    for (const { position, recordedAt } of arrived) {
      const { stream, sequence } = position
      recorded.set(stream, recordedAt)
      // What comes after the end says that nothing before it is left, also where the end is a commit of others.
      positions.set(stream, Math.min(sequence, until?.get(stream) ?? sequence))
    }
    queue.drop(arrived.length)
    onProgress(events, queue.backlog().events)
  }

  const isBehind = (targets: Positions) =>
    [...targets].some(([stream, target]) => (positions.get(stream) ?? 0) < target)

  return {
    positions,
    recorded,
    async upTo(targets) {
      while (isBehind(targets)) {
        await takeSome()
        if (!shadow.isFull && performance.now() - flushedAt < limits.flushEveryMs) continue
        await flush(positions)
        flushedAt = performance.now()
      }
    },
    async takeUpTo(targets) {
      while (isBehind(targets)) await takeSome()
    },
    close: () => queue.close(),
  }
}

function isWithin(until: Positions, { stream, sequence }: Position): boolean {
  return sequence <= (until.get(stream) ?? 0)
}

/** The last commit of each stream that concerns the projection, now. */
export async function ends(streams: SourceStream[]): Promise<Positions> {
  return new Map(
    await Promise.all(
      streams.map(async ({ log, subjects }): Promise<[string, number]> => [
        log.stream,
        await lastSequence(log, subjects),
      ]),
    ),
  )
}

/**
 * Positions of a table, no further than a replay comes by itself: behind the last commit that concerns the projection others may stand
 * in the stream.
 */
export async function capped(reached: Positions, streams: SourceStream[]): Promise<Positions> {
  const last = await ends(streams)
  return new Map(
    [...reached].map(([stream, sequence]) => [stream, Math.min(sequence, last.get(stream) ?? 0)]),
  )
}
