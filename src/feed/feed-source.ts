import { jetstream, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { delivered } from '../streams/log/delivered.ts'
import { readSubjects } from '../streams/follow/read-subjects.ts'
import type { Item, Source } from '../streams/follow/source.ts'
import { nextOf, streamState } from '../streams/follow/stream-state.ts'
import { type StoredMessage, fromConsumer } from '../streams/events/stored-message.ts'
import { feedSubjects } from './feed-subjects.ts'

export interface FeedSourceOptions {
  nc: NatsConnection
  jsm: JetStreamManager
  namespace: string
  stream: string
  /** The public types to follow. */
  types: readonly string[]
}

/** The messages of some public types, as a follower takes them. */
export function feedSource({ nc, jsm, namespace, stream, types }: FeedSourceOptions): Source<StoredMessage> {
  const js = jetstream(nc, { timeout: 2000 })
  const subjects = types.map((type) => feedSubjects(namespace, type))
  return {
    stream,
    subjects,
    expires: true,
    state: () => streamState(jsm, stream),
    next: (after) => nextOf({ jsm, stream }, subjects, after),
    async open(after, prefetch) {
      const consumer = await js.consumers.get(stream, { filter_subjects: subjects, opt_start_seq: after + 1 })
      // As for the tail of a log: with the library's defaults a restarted server is noticed only after 45 s.
      const messages = delivered(
        await consumer.consume({ max_messages: prefetch, expires: 5000, idle_heartbeat: 1000 }),
      )
      return {
        async *[Symbol.asyncIterator]() {
          for await (const message of messages.read()) {
            yield { item: itemOf(fromConsumer(message)), pending: message.info.pending }
          }
        },
        async close() {
          await messages.close()
          await consumer.delete().catch(alreadyGone)
        },
      }
    },
    async *read(_, id, from, to) {
      const own = types.map((type) => `${namespace}.feed.${type}.${id}`)
      for await (const message of readSubjects({ jsm, stream }, own, from, to)) yield itemOf(message)
    },
  }
}

const alreadyGone = () => false

/** In order per aggregate, which is what `ce-source` and the id name; of what another program wrote, per id. */
function itemOf(message: StoredMessage): Item<StoredMessage> {
  const { subject, sequence } = message
  return {
    sequence,
    aggregate: message.header('ce-source') ?? '',
    id: subject.slice(subject.lastIndexOf('.') + 1),
    size: message.text().length,
    events: [{ id: message.header('ce-id') ?? '', type: message.header('ce-type') ?? '' }],
    value: message,
  }
}
