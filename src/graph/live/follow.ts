import { type Commit, MalformedCommitError } from '../../streams/events/commit.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { Hub } from './hub.ts'
import type { Topic } from './topic.ts'

export interface FollowOptions {
  hub: Hub
  topic: Topic
  /** The topic's subject in its stream. */
  subject: string
  /** Everything up to this sequence has been told. */
  after: number
  /** Ends it, also while it waits. */
  signal: AbortSignal
  /** What a client hears that is too slow: everything up to this sequence has been told. */
  tooSlow: (sequence: number) => Error
}

/** So few messages are left to read when the client joins the shared feed: what it keeps meanwhile is not much. */
const NEAR = 512
/** How many commits are read, and held, at a time for one client that is behind. */
const PAGE = 128
const RETRY_MS = 500

/**
 * The commits of a topic after a sequence, in order, each once, without an end.
 *
 * What there is already is read from the log, as fast as the client takes it. Then it joins the feed, which says from which
 * sequence on it tells everything; what is between is read from the log as well. When the feed or the log is gone, it begins again
 * from where it has come to. A commit that is none (another program wrote there) is passed over.
 *
 * @throws what `tooSlow` makes when more came than is kept for it
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Commit> {
  const { hub, topic, subject, after, signal, tooSlow } = options
  const { log } = topic
  let at = after

  async function* read(end: number): AsyncGenerator<Commit> {
    for await (const commit of log.read.since(subject, at, PAGE)) {
      if (commit.position.sequence > end) break
      at = commit.position.sequence
      yield commit
    }
    at = Math.max(at, end)
  }

  async function* approach(): AsyncGenerator<Commit> {
    for (;;) {
      const { last } = await log.bounds()
      if (last - at <= NEAR) return
      yield* read(last)
    }
  }

  async function* listen(): AsyncGenerator<Commit> {
    const seat = await hub.join(topic)
    const leave = () => seat.leave()
    signal.addEventListener('abort', leave)
    try {
      if (signal.aborted) return
      yield* read(seat.from)
      for (;;) {
        const taken = await seat.take()
        if (taken === 'full') throw tooSlow(at)
        if (taken === 'lost') await pause(RETRY_MS, signal)
        if (typeof taken === 'string') return
        if (taken.position.sequence <= at) continue
        at = taken.position.sequence
        if (!taken.malformed) yield taken
      }
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  while (!signal.aborted && !hub.closed) {
    try {
      yield* approach()
      yield* listen()
    } catch (error) {
      if (error instanceof MalformedCommitError) at = Math.max(at, error.position.sequence)
      else if (error instanceof LogUnavailableError) await pause(RETRY_MS, signal)
      else throw error
    }
  }
}
