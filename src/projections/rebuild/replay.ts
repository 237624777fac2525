import type { Position } from '../../streams/commit.ts'
import type { Positions } from '../checkpoint.ts'
import { decodeBatch } from '../decode-batch.ts'
import type { ProjectionDefinition } from '../definition.ts'
import { openFeed } from '../feed.ts'
import { type SourceStream, sourcesByName } from '../source-streams.ts'
import type { Shadow } from './shadow.ts'

/** Commits folded in one go. */
const BATCH = 2000
const BUFFER = 8000
/** What a crash costs at most, in time. */
const FLUSH_EVERY_MS = 5000

export interface ReplayOptions {
  projection: ProjectionDefinition
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
  signal: AbortSignal
}

/** The log on its way into a shadow. */
export interface Replay {
  /** What the shadow has taken, by stream. */
  readonly positions: Positions
  /** Takes everything up to these positions, and perhaps more, flushing now and then. */
  upTo(targets: Positions): Promise<void>
  /** The same, all in memory: for a small rest. */
  takeUpTo(targets: Positions): Promise<void>
  close(): Promise<void>
}

export async function openReplay(options: ReplayOptions): Promise<Replay> {
  const { projection, streams, shadow, flush, until, onProgress, signal } = options
  const sources = sourcesByName(projection)
  const positions = new Map(streams.map(({ log }) => [log.stream, options.from.get(log.stream) ?? 0]))
  const feed = await openFeed({
    sources: streams.map((stream) => ({ stream, after: positions.get(stream.log.stream) ?? 0 })),
    buffer: BUFFER,
  })
  let flushedAt = performance.now()

  async function takeSome(): Promise<void> {
    const arrived = await feed.peek(BATCH, signal)
    const commits = until ? arrived.filter(({ position }) => isWithin(until, position)) : arrived
    const { events } = decodeBatch(projection, sources, commits)
    let size = 0
    for (const commit of commits) size += commit.size
    await shadow.take(events, size)
    for (const { position } of commits) positions.set(position.stream, position.sequence)
    feed.drop(arrived.length)
    onProgress(events.length, feed.backlog().events)
  }

  const isBehind = (targets: Positions) =>
    [...targets].some(([stream, target]) => (positions.get(stream) ?? 0) < target)

  return {
    positions,
    async upTo(targets) {
      while (isBehind(targets)) {
        await takeSome()
        if (!shadow.isFull && performance.now() - flushedAt < FLUSH_EVERY_MS) continue
        await flush(positions)
        flushedAt = performance.now()
      }
    },
    async takeUpTo(targets) {
      while (isBehind(targets)) await takeSome()
    },
    close: () => feed.close(),
  }
}

function isWithin(until: Positions, { stream, sequence }: Position): boolean {
  return sequence <= (until.get(stream) ?? 0)
}

/** The last commit of each stream that concerns the projection, now. */
export async function ends(streams: SourceStream[]): Promise<Positions> {
  return new Map(
    await Promise.all(
      streams.map(async ({ log, subjects }): Promise<[string, number]> => {
        const commits = await Promise.all(subjects.map((subject) => log.read.last(subject)))
        return [log.stream, Math.max(0, ...commits.map((commit) => commit?.position.sequence ?? 0))]
      }),
    ),
  )
}
