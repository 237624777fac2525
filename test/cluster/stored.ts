import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'

const Commit = z.array(
  z.object({
    id: z.string(),
    type: z.string(),
    commandid: z.string(),
    sequence: z.number(),
    data: z.unknown(),
  }),
)

export interface StoredEvent {
  id: string
  type: string
  /** `order.o-1` */
  aggregate: string
  version: number
  commandId: string
  /** Of the commit in the stream. */
  position: number
}

/** All messages of a stream, read by nothing of Headwater. */
export async function messagesOf(nc: NatsConnection, stream: string) {
  // The leader says how many there are: the consumer may be on a replica that lags, and knows of fewer.
  const jsm = await jetstreamManager(nc, { timeout: 50_000, checkAPI: false })
  let left = (await jsm.streams.info(stream)).state.messages
  const consumer = await jsm.jetstream().consumers.get(stream)
  const messages: { subject: string; sequence: number; id: string; body: unknown }[] = []
  while (left > 0) {
    try {
      for await (const message of await consumer.fetch({
        max_messages: Math.min(left, 5000),
        expires: 10_000,
      })) {
        left--
        messages.push({
          subject: message.subject,
          sequence: message.seq,
          id: message.headers?.get('Nats-Msg-Id') ?? '',
          body: message.json(),
        })
      }
    } catch (error) {
      // Nobody listens: that the consumer is on another server may not be known yet on this one.
      if (!(error instanceof Error && 'code' in error && error.code === 503)) throw error
    }
  }
  return messages
}

/** All events of a context's stream, in the order of the log. */
export async function eventsOf(nc: NatsConnection, stream: string): Promise<StoredEvent[]> {
  const messages = await messagesOf(nc, stream)
  return messages.flatMap(({ subject, sequence: position, body }) =>
    Commit.parse(body).map(({ id, type, commandid, sequence }) => ({
      id,
      type,
      aggregate: subject.split('.').slice(2).join('.'),
      version: sequence,
      commandId: commandid,
      position,
    })),
  )
}

/** Every version that is not the one after the version before it: missing ones, and those that are there twice. */
export function gapsIn(events: readonly StoredEvent[]): string[] {
  const versions = new Map<string, number>()
  const gaps: string[] = []
  for (const { aggregate, version } of events) {
    const before = versions.get(aggregate) ?? 0
    if (version !== before + 1) gaps.push(`${aggregate}: ${version} after ${before}`)
    versions.set(aggregate, version)
  }
  return gaps
}
