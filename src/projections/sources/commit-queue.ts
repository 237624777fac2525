import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Commit } from '../../streams/commit.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import type { Tail } from '../../streams/tail.ts'
import type { SourceStream } from './source-streams.ts'

/** The commits that have arrived from the streams of a projection and are not applied yet. */
export interface CommitQueue {
  /**
   * Up to `max` of the oldest, as soon as there are so many, or no more are known of; they stay until dropped. Rejects with
   * what ended a stream once everything before is dropped, and with the signal's reason. Answers none when there is none for
   * `patienceMs`.
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

export interface CommitQueueOptions {
  sources: { stream: SourceStream; after: number }[]
  /** How many commits are kept here; the streams are not read on while there are more. */
  buffer: number
  /** What to do with messages that are no commits; they throw unless they are to be kept. */
  malformed?: 'throw' | 'keep'
}

/** Messages on their way from the server to a reader: enough to keep it busy, few enough to keep memory small. */
const PREFETCH = 4000
/** Commits decoded in one go, about 0.5 ms of work; answers of PostgreSQL, and everything else, then get their turn. */
const DECODE_AT_ONCE = 100
/** The server has more, and does not send it for so long, in milliseconds: what is here is worth having. */
const STALL_MS = 100

/** Follows the streams from the given sequences into one queue: in order within a stream, as they come between streams. */
export async function openCommitQueue({
  sources,
  buffer,
  malformed = 'throw',
}: CommitQueueOptions): Promise<CommitQueue> {
  let queue: Commit[] = []
  let head = 0
  let failure: unknown
  const closing = new AbortController()
  const arrived = signalling()
  const room = signalling()
  /** By stream: commits that the server still has, those that are here, and when the last of these was recorded. */
  const ahead = new Map<string, { pending: number; waiting: number; recordedAt: number }>()
  /** Commits that somebody waits for. */
  let wanted = 1
  /** Events that are here. */
  let waiting = 0
  const tails: Tail[] = []

  function moreIsComing(): boolean {
    for (const { pending } of ahead.values()) if (pending > 0) return true
    return false
  }

  async function pump(stream: string, tail: Tail): Promise<void> {
    let decoded = 0
    const place = { pending: 0, waiting: 0, recordedAt: 0 }
    ahead.set(stream, place)
    const roomAgain = async () => {
      while (queue.length - head >= buffer && !closing.signal.aborted) await room.wait()
    }
    try {
      await tail.each((commit, pending) => {
        if (closing.signal.aborted) return undefined
        queue.push(commit)
        waiting += commit.events.length
        place.waiting++
        place.pending = pending
        place.recordedAt = commit.recordedAt
        if (pending === 0 || queue.length - head >= wanted) arrived.notify()
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
      const prefetch = Math.min(PREFETCH, buffer * 4)
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
      const callAfter = (ms: number) =>
        setTimeout(() => {
          isLate = true
          wake()
        }, ms)
      wanted = Math.min(max, buffer)
      signal.addEventListener('abort', wake)
      try {
        for (;;) {
          signal.throwIfAborted()
          const here = queue.length - head
          if (here > 0 && (here >= wanted || isLate || failure !== undefined || !moreIsComing())) {
            return queue.slice(head, head + max)
          }
          if (here === 0 && failure !== undefined) throw failure
          if (isLate) return []
          const ms = here > 0 ? STALL_MS : patienceMs
          if (ms !== undefined) timer ??= callAfter(ms)
          await arrived.wait()
        }
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
      }
    },
    drop(count) {
      for (let index = head; index < head + count; index++) {
        const commit = queue[index]
        const place = commit && ahead.get(commit.position.stream)
        if (!place) continue
        waiting -= commit.events.length
        place.waiting--
      }
      head += count
      // Moving the rest to the front now and then is cheaper than doing so with every batch.
      if (head === queue.length || head > buffer) {
        queue = queue.slice(head)
        head = 0
      }
      room.notify()
    },
    backlog() {
      const pending = new Map<string, number>()
      let events = waiting
      let recordedAt: number | undefined
      for (const [stream, place] of ahead) {
        pending.set(stream, place.pending + place.waiting)
        events += place.pending
        // What the server still has is younger than the last that came from there.
        if (place.pending > 0) recordedAt = Math.min(place.recordedAt, recordedAt ?? place.recordedAt)
      }
      return { events, pending, oldest: queue[head]?.recordedAt ?? recordedAt }
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
