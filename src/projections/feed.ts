import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Commit } from '../streams/commit.ts'
import { LogUnavailableError } from '../streams/log-errors.ts'
import type { Tail } from '../streams/tail.ts'
import type { SourceStream } from './source-streams.ts'

/** The commits that have arrived from the streams of a projection and are not applied yet. */
export interface Feed {
  /**
   * Up to `max` of the oldest, as soon as there is one; they stay until dropped. Rejects with what ended a stream once
   * everything before is dropped, and with the signal's reason. Answers none when there is none for `patienceMs`.
   */
  peek(max: number, signal: AbortSignal, patienceMs?: number): Promise<Commit[]>
  drop(count: number): void
  backlog(): Backlog
  close(): Promise<void>
}

export interface Backlog {
  /** Events that are here, and commits (of mostly one event) that the server still has: 0 when caught up. */
  events: number
  /** Commits not applied yet, by stream. */
  pending: Map<string, number>
  /** When the oldest was recorded, in milliseconds since 1970; undefined when caught up. */
  oldest: number | undefined
}

export interface FeedOptions {
  sources: { stream: SourceStream; after: number }[]
  /** How many commits are kept here; the streams are not read on while there are more. */
  buffer: number
  /** What to do with messages that are no commits; they throw unless they are to be kept. */
  malformed?: 'throw' | 'keep'
}

/** Messages on their way from the server to a reader: enough to keep it busy, few enough to keep memory small. */
const PREFETCH = 2000
/** Commits decoded in one go, about 0.5 ms of work; answers of PostgreSQL, and everything else, then get their turn. */
const DECODE_AT_ONCE = 100

/** Follows the streams from the given sequences into one queue: in order within a stream, as they come between streams. */
export async function openFeed({ sources, buffer, malformed = 'throw' }: FeedOptions): Promise<Feed> {
  let queue: Commit[] = []
  let head = 0
  let failure: unknown
  const closing = new AbortController()
  const arrived = signalling()
  const room = signalling()
  const ahead = new Map<string, { pending: number; recordedAt: number }>()
  const tails: Tail[] = []

  async function pump(stream: string, tail: Tail): Promise<void> {
    let decoded = 0
    const place = { pending: 0, recordedAt: 0 }
    const roomAgain = async () => {
      while (queue.length - head >= buffer && !closing.signal.aborted) await room.wait()
    }
    try {
      await tail.each((commit, pending) => {
        if (closing.signal.aborted) return undefined
        queue.push(commit)
        place.pending = pending
        place.recordedAt = commit.recordedAt
        if (decoded === 0) ahead.set(stream, place)
        arrived.notify()
        if (queue.length - head >= buffer) return roomAgain()
        return ++decoded % DECODE_AT_ONCE === 0 ? nextTurn() : undefined
      })
      if (!closing.signal.aborted)
        throw new LogUnavailableError(
          'refused',
          `The stream ${stream} is no longer followed: the connection is closed`,
        )
    } catch (error) {
      failure ??= error
      arrived.notify()
    }
  }

  async function close(): Promise<void> {
    closing.abort()
    room.notify()
    await Promise.allSettled(tails.map((tail) => tail.close()))
  }

  try {
    for (const { stream, after } of sources) {
      const { log, subjects } = stream
      const prefetch = Math.min(PREFETCH, buffer)
      const tail = await log.tail({ startAt: { after }, subjects, prefetch, malformed })
      tails.push(tail)
      void pump(log.stream, tail)
    }
  } catch (error) {
    await close()
    throw error
  }

  return {
    async peek(max, signal, patienceMs) {
      const wake = () => arrived.notify()
      let isLate = false
      let timer: NodeJS.Timeout | undefined
      signal.addEventListener('abort', wake)
      try {
        for (;;) {
          signal.throwIfAborted()
          if (queue.length > head) return queue.slice(head, head + max)
          if (failure !== undefined) throw failure
          if (isLate) return []
          if (patienceMs !== undefined) {
            timer ??= setTimeout(() => {
              isLate = true
              wake()
            }, patienceMs)
          }
          await arrived.wait()
        }
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
      }
    },
    drop(count) {
      head += count
      // Moving the rest to the front now and then is cheaper than doing so with every batch.
      if (head === queue.length || head > buffer) {
        queue = queue.slice(head)
        head = 0
      }
      room.notify()
    },
    backlog() {
      const pending = new Map([...ahead].map(([stream, { pending }]) => [stream, pending]))
      let events = 0
      for (const count of pending.values()) events += count
      for (let index = head; index < queue.length; index++) {
        const commit = queue[index]
        if (!commit) continue
        events += commit.events.length
        pending.set(commit.position.stream, (pending.get(commit.position.stream) ?? 0) + 1)
      }
      // What the server still has is younger than the last that came from there.
      const behind = [...ahead.values()].filter(({ pending }) => pending > 0)
      const oldest =
        queue[head]?.recordedAt ?? behind.map(({ recordedAt }) => recordedAt).sort((a, b) => a - b)[0]
      return { events, pending, oldest }
    },
    close,
  }
}

/** Wakes whoever waits; a notice that nobody waits for is kept for the next. */
function signalling() {
  let wake: (() => void) | undefined
  let noticed = false
  return {
    notify() {
      noticed = true
      wake?.()
    },
    async wait() {
      if (!noticed) await new Promise<void>((resolve) => (wake = resolve))
      wake = undefined
      noticed = false
    },
  }
}
