import { type MsgHdrs, headers } from '@nats-io/nats-core'
import type { CloudEvent } from '../streams/events/cloud-event.ts'
import type { Commit } from '../streams/events/commit.ts'
import type { StoredMessage } from '../streams/events/stored-message.ts'
import { HeadwaterError } from '../streams/errors.ts'

/** An event as others see it. */
export interface PublicEvent<Type extends string = string, Data = unknown> {
  id: string
  type: Type
  data: Data
  /** `/<namespace>/<context>/<aggregate>` */
  source: string
  /** The aggregate's id. */
  aggregateId: string
  /** The aggregate's version after it. There are gaps: not every event is public. */
  version: number
  /** When it happened in the business, ISO 8601 in UTC. */
  time: string
  correlationId: string
  causationId: string
}

/** Where the event stands in its context's log: `ORDERS 42`. */
const POSITION_HEADER = 'Headwater-Position'
/** How often somebody has said anew where publishing goes on; absent for never. */
export const EPOCH_HEADER = 'Headwater-Epoch'

/** What the headers tell besides the event. */
export interface PublicHeaders {
  /** The public type. */
  type: string
  /** Whether the data is as it stands in the log. */
  isAsItIs: boolean
  epoch: number
}

/**
 * The headers of a public event: CloudEvents 1.0 in binary mode.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/nats-protocol-binding.md
 * Throws a TypeError when an attribute cannot stand in a header, as nothing of Headwater's writes it.
 */
export function publicHeaders(
  event: CloudEvent,
  { position }: Commit,
  { type, isAsItIs, epoch }: PublicHeaders,
): MsgHdrs {
  const head = headers()
  const attributes = {
    'Nats-Msg-Id': event.id,
    'Content-Type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-source': event.source,
    'ce-type': type,
    'ce-subject': event.subject,
    'ce-time': event.time,
    'ce-sequence': event.sequence,
    'ce-correlationid': event.correlationid,
    'ce-causationid': event.causationid,
    'ce-dataversion': isAsItIs ? event.dataversion : undefined,
    'ce-traceparent': event.traceparent,
    [POSITION_HEADER]: `${position.stream} ${position.sequence}`,
    [EPOCH_HEADER]: epoch === 0 ? undefined : epoch,
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) head.set(name, `${value}`)
  }
  return head
}

/** A message of the feed that is no public event: another program has published it. */
class MalformedFeedMessageError extends HeadwaterError {
  constructor({ subject, sequence }: StoredMessage, why: string) {
    super({
      code: 'MALFORMED_FEED_MESSAGE',
      status: 500,
      detail: `The message ${sequence} of the feed, on ${subject}, is no public event: ${why}`,
    })
  }
}

/** Reads a message of the feed. Throws MalformedFeedMessageError. */
export function readPublicEvent(message: StoredMessage): PublicEvent {
  const attribute = (name: string) => {
    const value = message.header(`ce-${name}`)
    if (value === undefined) throw new MalformedFeedMessageError(message, `it has no ce-${name}`)
    return value
  }
  const id = attribute('id')
  return {
    id,
    type: attribute('type'),
    data: bodyOf(message),
    source: attribute('source'),
    aggregateId: attribute('subject'),
    version: Number(message.header('ce-sequence') ?? 0),
    time: attribute('time'),
    correlationId: message.header('ce-correlationid') ?? id,
    causationId: message.header('ce-causationid') ?? id,
  }
}

function bodyOf(message: StoredMessage): unknown {
  try {
    return JSON.parse(message.text())
  } catch {
    throw new MalformedFeedMessageError(message, 'its body is not JSON')
  }
}
