import type { EventLog } from '../../streams/log/event-log.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { eventSubject, eventSubjects } from '../../streams/events/subjects.ts'
import type { BacklogLimits } from './backlog.ts'
import { type Feed, type Seat, openFeed } from './feed.ts'
import type { Topic } from './topic.ts'

/** The feeds of a process: one consumer a subject, however many clients follow it, and none when nobody does. */
export interface Hub {
  /**
   * A place at the feed of the topic's subject.
   * @throws LogUnavailableError when the feed cannot be opened, or the hub is closed
   */
  join(topic: Topic): Promise<Seat>
  /** How many consumers and clients there are at this moment. */
  size(): { feeds: number; seats: number }
  readonly closed: boolean
  /** Ends every feed; those who sit there are told `lost`. */
  close(): Promise<void>
}

export interface HubOptions {
  namespace: string
  /** What is kept for one client that does not read. */
  buffer: BacklogLimits
  /** With so many consumers, clients of single aggregates share that of the whole type. */
  maxFeeds: number
}

interface Shared {
  opening: Promise<Feed>
  users: number
}

export function createHub({ namespace, buffer, maxFeeds }: HubOptions): Hub {
  const feeds = new Map<string, Shared>()
  let seats = 0
  let closed = false

  function subjectFor({ aggregate, id }: Topic): string {
    const all = eventSubjects(namespace, aggregate)
    if (id === undefined) return all
    const one = eventSubject(namespace, aggregate, id)
    if (feeds.has(one)) return one
    return feeds.has(all) || feeds.size >= maxFeeds ? all : one
  }

  function open(subject: string, log: EventLog): Shared {
    const shared: Shared = { opening: openFeed(log, subject, () => forget(subject, shared)), users: 0 }
    feeds.set(subject, shared)
    return shared
  }

  function forget(subject: string, shared: Shared): void {
    if (feeds.get(subject) === shared) feeds.delete(subject)
  }

  return {
    size: () => ({ feeds: feeds.size, seats }),
    get closed() {
      return closed
    },
    async join(topic) {
      if (closed) throw new LogUnavailableError('refused', 'The server is closing')
      const subject = subjectFor(topic)
      const shared = feeds.get(subject) ?? open(subject, topic.log)
      shared.users++

      function release(): void {
        if (--shared.users > 0) return
        forget(subject, shared)
        void shared.opening.then((feed) => feed.close()).catch(neverOpened)
      }

      let seat: Seat
      try {
        seat = (await shared.opening).join(topic.id, buffer)
      } catch (error) {
        release()
        throw error
      }
      seats++
      return leftOnce(seat, () => {
        seats--
        release()
      })
    },
    async close() {
      closed = true
      const open = [...feeds.values()].map(({ opening }) => opening.then((feed) => feed.close()))
      await Promise.allSettled(open)
    },
  }
}

/** The seat, and what is to be done when it is left for the first time. */
function leftOnce(seat: Seat, onLeave: () => void): Seat {
  let sits = true
  return {
    from: seat.from,
    take: () => seat.take(),
    leave() {
      if (!sits) return
      sits = false
      seat.leave()
      onLeave()
    },
  }
}

/** Those who waited for it were told. */
const neverOpened = () => undefined
