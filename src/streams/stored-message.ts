import type { JsMsg, StoredMsg } from '@nats-io/jetstream'
import type { MsgHdrs } from '@nats-io/nats-core'
import type { StoredMessage } from './commit.ts'

const header = (headers: MsgHdrs | undefined) => (name: string) =>
  headers?.has(name) ? headers.get(name) : undefined

/** A message that a direct get or the leader's message get returned. */
export function fromGet(message: StoredMsg): StoredMessage {
  return {
    subject: message.subject,
    sequence: message.seq,
    recordedAt: message.time.getTime(),
    header: header(message.header),
    text: () => message.string(),
  }
}

/** A message that a consumer delivered. */
export function fromConsumer(message: JsMsg): StoredMessage {
  const { streamSequence, timestampNanos } = message.info
  return {
    subject: message.subject,
    sequence: streamSequence,
    recordedAt: Math.floor(timestampNanos / 1_000_000),
    header: header(message.headers),
    text: () => message.string(),
  }
}
