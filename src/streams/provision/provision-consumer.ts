import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamManager,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'

/** A durable consumer whose messages are shared by all who name it. */
export interface ConsumerSpec {
  stream: string
  name: string
  subject: string
  /** After so long without a word of whoever has it, a message goes to another, in milliseconds. */
  ackWaitMs: number
  /** The most messages that all of them may have in work at a time. */
  maxInWork: number
}

/** JSConsumerNameExistErr and JSConsumerAlreadyExists: it is there with other settings. */
const NAME_IN_USE = [10013, 10148]

/** Sees to it that the consumer exists with these settings; a new one begins with the first message of the stream. */
export async function provisionConsumer(
  jsm: JetStreamManager,
  { stream, name, subject, ackWaitMs, maxInWork }: ConsumerSpec,
): Promise<void> {
  const config: Partial<ConsumerConfig> = {
    durable_name: name,
    filter_subject: subject,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: maxInWork,
    max_deliver: -1,
  }
  try {
    await jsm.consumers.add(stream, config)
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || !NAME_IN_USE.includes(error.code)) throw error
    await jsm.consumers.update(stream, name, config)
  }
}
