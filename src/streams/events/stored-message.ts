import type { JsMsg, StoredMsg } from '@nats-io/jetstream'
import type { MsgHdrs } from '@nats-io/nats-core'
import { headersOf } from './message-headers.ts'

/** What a message of a stream offers, whichever of the client's APIs delivered it. */
export interface StoredMessage {
  subject: string
  sequence: number
  recordedAt: number
  header(name: string): string | undefined
  text(): string
}

/** A message that the leader's message get returned. */
export function fromGet(message: StoredMsg): StoredMessage {
  return {
    subject: message.subject,
    sequence: message.seq,
    recordedAt: message.time.getTime(),
    header: (name) =>
      headerOf(
        headersOf({
          get headers() {
            return message.header
          },
        }),
        name,
      ),
    text: () => message.string(),
  }
}

const decoder = new TextDecoder()

/** A message that a direct get returned: what it was stored with stands beside its own headers. */
export function fromDirect(headers: MsgHdrs | undefined, data: Uint8Array): StoredMessage {
  const header = (name: string) => headerOf(headers, name)
  return {
    subject: header('Nats-Subject') ?? '',
    sequence: Number(header('Nats-Sequence')),
    recordedAt: Date.parse(header('Nats-Time-Stamp') ?? ''),
    header,
    text: () => decoder.decode(data),
  }
}

/** A message that a consumer delivered. */
export function fromConsumer(message: JsMsg): StoredMessage {
  return new ConsumedMessage(message)
}

/** Its headers are parsed when they are asked for, which for most messages is never. */
class ConsumedMessage implements StoredMessage {
  readonly subject: string
  readonly sequence: number
  readonly recordedAt: number
  readonly #message: JsMsg

  constructor(message: JsMsg) {
    const { streamSequence, timestampNanos } = message.info
    this.subject = message.subject
    this.sequence = streamSequence
    this.recordedAt = Math.floor(timestampNanos / 1_000_000)
    this.#message = message
  }

  header(name: string): string | undefined {
    return headerOf(headersOf(this.#message), name)
  }

  text(): string {
    return this.#message.string()
  }
}

function headerOf(headers: MsgHdrs | undefined | null, name: string): string | undefined {
  return headers?.has(name) ? headers.get(name) : undefined
}
