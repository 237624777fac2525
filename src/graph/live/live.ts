import type { Commit } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type EventSource, type RecordedEvent, recordedEvent } from '../../streams/events/recorded-event.ts'
import { eventSubject, eventSubjects, isToken } from '../../streams/events/subjects.ts'
import { BadUserInputError, badId, notServed } from '../errors.ts'
import { createCursors } from './cursors.ts'
import {
  CursorAheadError,
  CursorExpiredError,
  SubscriptionTooSlowError,
  TooManySubscriptionsError,
} from './errors.ts'
import { follow } from './follow.ts'
import { createHub } from './hub.ts'
import { type Point, type Topic, canonical } from './topic.ts'

/** What subscriptions follow in a process. */
export interface Live {
  /** The most rows that are told as the present state when a subscription of many begins. */
  readonly maxState: number
  /**
   * What a field follows with these arguments: of one aggregate, or of all of a type.
   *
   * @param key the argument that has the id: `id` unless given
   * @throws BadUserInputError when the type is not served here, the id cannot be one, or the filter is too long
   */
  topic(field: string, aggregate: string, id?: string, filter?: unknown, key?: string): Topic
  /**
   * The place that a cursor names in a topic, checked against the log.
   * @throws BadCursorError, CursorExpiredError, CursorAheadError, LogUnavailableError
   */
  place(topic: Topic, cursor: string): Promise<Point>
  cursorOf(topic: Topic, point: Point): string
  /**
   * The commits after a place, in order, each once, then those that come, without an end. The first one is the commit of the
   * place itself when only some of its events were told.
   * @throws SubscriptionTooSlowError, TooManySubscriptionsError
   */
  follow(topic: Topic, place: Point, signal: AbortSignal): AsyncGenerator<Commit>
  /** An event of a commit at the current version of its schema. Throws UnknownEventError. */
  eventOf(commit: Commit, index: number): RecordedEvent | undefined
  /** How many consumers there are, and clients that sit at them. */
  size(): { feeds: number; seats: number }
  close(): Promise<void>
}

export interface LiveOptions {
  /** The log of each aggregate, by the aggregate's name. */
  sources: ReadonlyMap<string, { log: EventLog; source: EventSource }>
  namespace: string
  /** Signs the cursors; the same in all replicas. See `sharedCursorKey`. */
  cursorKey: Uint8Array | string
  settings?: Partial<LiveSettings>
}

export interface LiveSettings {
  /** How many commits are kept for a client that does not read. */
  bufferCommits: number
  /** And how long they may be together, in characters of JSON. */
  bufferSize: number
  /** With so many consumers, subscriptions to single aggregates share that of the whole type. */
  maxFeeds: number
  /** How many subscriptions follow something at a time. */
  maxSubscriptions: number
  maxState: number
}

/** In characters: a filter is kept, and all of it may be looked at for each event, as long as the subscription lives. */
const MAX_IDENTITY = 10_000

const STANDARD: LiveSettings = {
  bufferCommits: 1000,
  bufferSize: 4 * 1024 * 1024,
  maxFeeds: 256,
  maxSubscriptions: 100_000,
  maxState: 1000,
}

export function createLive({ sources, namespace, cursorKey, settings }: LiveOptions): Live {
  const { bufferCommits, bufferSize, maxFeeds, maxState, maxSubscriptions } = { ...STANDARD, ...settings }
  const cursors = createCursors(cursorKey)
  const hub = createHub({ namespace, buffer: { items: bufferCommits, size: bufferSize }, maxFeeds })

  const subjectOf = ({ aggregate, id }: Topic) =>
    id === undefined ? eventSubjects(namespace, aggregate) : eventSubject(namespace, aggregate, id)

  let following = 0

  /** The same, as one of those that follow: from when it is first asked for something until it ends. */
  async function* counted(commits: AsyncGenerator<Commit>): AsyncGenerator<Commit> {
    if (following >= maxSubscriptions) throw new TooManySubscriptionsError()
    following++
    try {
      yield* commits
    } finally {
      following--
    }
  }

  return {
    maxState,
    topic(field, aggregate, id, filter, key = 'id') {
      const log = sources.get(aggregate)?.log
      if (!log) throw notServed(sources.keys())
      if (id !== undefined && !isToken(id)) throw badId(key)
      const identity = canonical([field, namespace, log.stream, aggregate, id ?? null, filter ?? null])
      if (identity.length > MAX_IDENTITY)
        throw new BadUserInputError('filter', 'is too long to be held against every event; make it shorter')
      return { log, aggregate, id, identity }
    },
    async place(topic, cursor) {
      const point = cursors.decode(topic, cursor)
      const { first, last } = await topic.log.bounds()
      if (point.sequence > last) throw new CursorAheadError()
      if (point.sequence + 1 < first) throw new CursorExpiredError()
      return point
    },
    cursorOf: (topic, point) => cursors.encode(topic, point),
    follow: (topic, place, signal) => {
      const commits = follow({
        hub,
        topic,
        subject: subjectOf(topic),
        after: place.index === undefined ? place.sequence : place.sequence - 1,
        signal,
        tooSlow(sequence) {
          const told = sequence < place.sequence ? place : { sequence, index: undefined }
          return new SubscriptionTooSlowError(cursors.encode(topic, told))
        },
      })
      return counted(commits)
    },
    eventOf(commit, index) {
      const event = commit.events[index]
      const source = sources.get(commit.aggregate)?.source
      return event && source && recordedEvent(source.types, event, commit)
    },
    size: () => hub.size(),
    close: () => hub.close(),
  }
}
