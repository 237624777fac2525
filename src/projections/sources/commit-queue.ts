import type { Commit } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import type { Tail } from '../../streams/log/tail.ts'
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

/** What of a stream the queue needs. */
type FollowedStream = Pick<SourceStream, 'subjects'> & { log: Pick<EventLog, 'stream' | 'tail'> }

export interface CommitQueueOptions {
  sources: { stream: FollowedStream; after: number }[]
  /** How many commits are kept here; the streams are not read on while there are more. */
  buffer: number
  /** What to do with messages that are no commits; they throw unless they are to be kept. */
  malformed?: 'throw' | 'keep'
}

/**
 * Messages on their way from the server to a reader: enough to keep it busy, few enough to keep memory small. They are decoded as
 * they arrive: putting that off would fill memory with what has arrived, and everything else in the process waits for one reading
 * of the socket at most.
 */
const PREFETCH = 4000
/** The server has more, and does not send it for so long, in milliseconds: what is here is worth having. */
const STALL_MS = 100

/** Of a stream: the commits that the server still has, those that are here, and when the last of these was recorded. */
interface Ahead {
  pending: number
  waiting: number
  recordedAt: number
}

/** Follows the streams from the given sequences into one queue: in order within a stream, as they come between streams. */
export async function openCommitQueue(options: CommitQueueOptions): Promise<CommitQueue> {
  const queue = new TailedQueue(options.buffer)
  try {
    await queue.follow(options)
  } catch (error) {
    await queue.close()
    throw error
  }
  return queue
}

class TailedQueue implements CommitQueue {
  readonly #buffer: number
  readonly #closing = new AbortController()
  readonly #arrived = signalling()
  readonly #room = signalling()
  readonly #ahead = new Map<string, Ahead>()
  readonly #tails: Tail[] = []
  #queue: Commit[] = []
  #head = 0
  #failure: unknown
  /** Commits that somebody waits for. */
  #wanted = 1
  /** Events that are here. */
  #waiting = 0

  constructor(buffer: number) {
    this.#buffer = buffer
  }

  async follow({ sources, malformed = 'throw' }: CommitQueueOptions): Promise<void> {
    const prefetch = Math.min(PREFETCH, this.#buffer * 4)
    for (const { stream, after } of sources) {
      const { log, subjects } = stream
      const tail = await log.tail({ startAt: { after }, subjects, prefetch, malformed })
      this.#tails.push(tail)
      void this.#pump(log.stream, tail)
    }
  }

  async #pump(stream: string, tail: Tail): Promise<void> {
    const place: Ahead = { pending: 0, waiting: 0, recordedAt: 0 }
    this.#ahead.set(stream, place)
    try {
      await tail.each((commit, pending) => {
        if (this.#closing.signal.aborted) return undefined
        this.#take(commit, pending, place)
        return this.#size >= this.#buffer ? this.#roomAgain() : undefined
      })
      if (!this.#closing.signal.aborted)
        throw new LogUnavailableError(
          'refused',
          `The stream ${stream} is no longer followed: the connection is closed`,
        )
    } catch (error) {
      this.#failure ??= error
      this.#arrived.notify()
    }
  }

  #take(commit: Commit, pending: number, place: Ahead): void {
    this.#queue.push(commit)
    this.#waiting += commit.events.length
    place.waiting++
    place.pending = pending
    place.recordedAt = commit.recordedAt
    if (pending === 0 || this.#size >= this.#wanted) this.#arrived.notify()
  }

  async #roomAgain(): Promise<void> {
    while (this.#size >= this.#buffer && !this.#closing.signal.aborted) await this.#room.wait()
  }

  get #size(): number {
    return this.#queue.length - this.#head
  }

  /** What is here is all that will come soon. */
  #isComplete(): boolean {
    if (this.#size >= this.#wanted || this.#failure !== undefined) return true
    for (const { pending } of this.#ahead.values()) if (pending > 0) return false
    return true
  }

  async peek(max: number, signal: AbortSignal, patienceMs?: number): Promise<Commit[]> {
    const wake = () => this.#arrived.notify()
    let isLate = false
    let timer: NodeJS.Timeout | undefined
    const giveUp = () => {
      isLate = true
      wake()
    }
    // After a stall of our own, timers run before sockets are read: what lies there is no reason to cut a batch.
    const callAfter = (ms: number) => setTimeout(() => setImmediate(giveUp), ms)
    this.#wanted = Math.min(max, this.#buffer)
    signal.addEventListener('abort', wake)
    try {
      for (;;) {
        signal.throwIfAborted()
        const here = this.#size
        if (here > 0 && (isLate || this.#isComplete())) return this.#queue.slice(this.#head, this.#head + max)
        if (here === 0 && this.#failure !== undefined) throw this.#failure
        if (isLate) return []
        const ms = here > 0 ? STALL_MS : patienceMs
        if (ms !== undefined) timer ??= callAfter(ms)
        await this.#arrived.wait()
      }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
    }
  }

  drop(count: number): void {
    for (let index = this.#head; index < this.#head + count; index++) {
      const commit = this.#queue[index]
      const place = commit && this.#ahead.get(commit.position.stream)
      if (!place) continue
      this.#waiting -= commit.events.length
      place.waiting--
    }
    this.#head += count
    // Moving the rest to the front now and then is cheaper than doing so with every batch.
    if (this.#head === this.#queue.length || this.#head > this.#buffer) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    this.#room.notify()
  }

  backlog(): Backlog {
    const pending = new Map<string, number>()
    let events = this.#waiting
    let recordedAt: number | undefined
    for (const [stream, place] of this.#ahead) {
      pending.set(stream, place.pending + place.waiting)
      events += place.pending
      // What the server still has is younger than the last that came from there.
      if (place.pending > 0) recordedAt = Math.min(place.recordedAt, recordedAt ?? place.recordedAt)
    }
    return { events, pending, oldest: this.#queue[this.#head]?.recordedAt ?? recordedAt }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#room.notify()
    await Promise.allSettled(this.#tails.map((tail) => tail.close()))
  }
}

/** Wakes all who wait, of several streams perhaps each; a notice that nobody waits for is kept for the next. */
function signalling() {
  const waiters: (() => void)[] = []
  let noticed = false
  return {
    notify() {
      noticed = waiters.length === 0
      for (const wake of waiters.splice(0)) wake()
    },
    async wait() {
      if (!noticed) await new Promise<void>((resolve) => waiters.push(resolve))
      noticed = false
    },
  }
}
