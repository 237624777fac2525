import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { type Commit, decodeAnyway } from '../events/commit.ts'
import type { EventLog } from '../log/event-log.ts'
import { eventSubjects } from '../events/subjects.ts'
import { readSubjects } from './read-subjects.ts'
import { type Item, type Source, UNREADABLE } from './source.ts'
import { nextOf, streamState } from './stream-state.ts'

export interface LogSourceOptions {
  nc: NatsConnection
  namespace: string
  log: EventLog
  /** The aggregate types to follow in it. */
  aggregates: readonly string[]
}

/** The commits of some aggregate types of a context's log. What is no commit comes along, `malformed`. */
export async function logSource({
  nc,
  namespace,
  log,
  aggregates,
}: LogSourceOptions): Promise<Source<Commit>> {
  const jsm = await jetstreamManager(nc, { timeout: 2000, checkAPI: false })
  const { stream } = log
  const subjects = aggregates.map((name) => eventSubjects(namespace, name))
  return {
    stream,
    subjects,
    expires: false,
    state: () => streamState(jsm, stream),
    next: (after) => nextOf({ jsm, stream }, subjects, after),
    async open(after, prefetch) {
      const tail = await log.tail({ startAt: { after }, subjects, prefetch, malformed: 'keep' })
      return {
        async *[Symbol.asyncIterator]() {
          for await (const { commit, pending } of tail) yield { item: itemOf(commit), pending }
        },
        close: () => tail.close(),
      }
    },
    async *read(aggregate, id, from, to) {
      // Not by `eventSubject`: what a foreign program wrote may have an id that is none of ours.
      const subject = `${namespace}.evt.${aggregate}.${id}`
      for await (const message of readSubjects({ jsm, stream }, [subject], from, to)) {
        yield itemOf(decodeAnyway(stream, message))
      }
    },
  }
}

function itemOf(commit: Commit): Item<Commit> {
  const { position, aggregate, id, size, events, malformed } = commit
  return {
    sequence: position.sequence,
    aggregate,
    id,
    size,
    events: malformed ? UNREADABLE : events,
    value: commit,
  }
}
