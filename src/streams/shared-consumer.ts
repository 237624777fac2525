import {
  AckPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  DeliverPolicy,
  type JsMsg,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/nats-core'
import { setTimeout as delay } from 'node:timers/promises'
import type { StoredMessage } from './commit.ts'
import { fromConsumer } from './stored-message.ts'

export interface SharedConsumerOptions {
  nc: NatsConnection
  stream: string
  /** The durable consumer's: those who name the same share its messages. */
  name: string
  subject: string
  /**
   * Does what a message asks for. It comes again, to anybody, when this rejects, and when the process is gone.
   * @param isAgain somebody may have done it already, or be at it
   */
  handle: (message: StoredMessage, isAgain: boolean) => Promise<void>
  /** After so long without a word of whoever has it, a message goes to another, in milliseconds. */
  ackWaitMs: number
  /** The most messages that all of them may have in work at a time. */
  maxInWork: number
  onError: (error: unknown, what: string) => void
}

export interface SharedConsumer {
  /** Takes nothing new; resolves when what is in work is done, at most after `graceMs`. What is left goes to others. */
  stop(graceMs: number): Promise<void>
}

/** What failed comes again after a pause, up to this. */
const MAX_PAUSE_MS = 10_000
const CONSUMER_NAME_IN_USE = [10013, 10148]
const RETRY_MS = 500

/**
 * Shares the messages of a stream among all who name the same consumer: each is handled at least once, by one of them at a time
 * unless that one stalls. The server keeps the account: it survives restarts of everything. Messages come side by side;
 * there is no order among them.
 */
export async function openSharedConsumer(options: SharedConsumerOptions): Promise<SharedConsumer> {
  const { nc, stream, name, handle, ackWaitMs, onError } = options
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await provisionConsumer(jsm, options)
  let isProvisioned = true
  // What is older than a consumer that was made anew has been handled with the one before, or may have been.
  let madeAnewAt = 0
  const inWork = new Map<JsMsg, number>()
  const stopping = new AbortController()
  let whenIdle: (() => void) | undefined
  let close: (() => Promise<unknown>) | undefined

  const work = async (message: JsMsg): Promise<void> => {
    inWork.set(message, performance.now())
    try {
      const stored = fromConsumer(message)
      // What was long on its way may have been given to another meanwhile.
      const isAgain =
        message.info.deliveryCount > 1 ||
        stored.recordedAt <= madeAnewAt ||
        Date.now() - stored.recordedAt > ackWaitMs / 2
      await handle(stored, isAgain)
      message.ack()
    } catch (error) {
      onError(error, `the message ${stream} ${message.seq} is handled again`)
      message.nak(Math.min(100 * 2 ** Math.min(message.info.deliveryCount, 20), MAX_PAUSE_MS))
    } finally {
      inWork.delete(message)
      if (inWork.size === 0) whenIdle?.()
    }
  }

  /** Whoever is still at a message says so, or it goes to another. */
  const heartbeat = setInterval(() => {
    const before = performance.now() - ackWaitMs / 4
    for (const [message, since] of inWork) if (since < before) message.working()
  }, ackWaitMs / 3)
  heartbeat.unref()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !nc.isClosed()) {
      try {
        // Somebody may have deleted it. A new one begins at the beginning: all of it is handled again.
        if (!isProvisioned) {
          await provisionConsumer(jsm, options)
          madeAnewAt = Date.now()
        }
        isProvisioned = true
        const consumer = await jetstream(nc).consumers.get(stream, name)
        // With the library's defaults a restarted server is noticed late; as for `tail`.
        const messages = await consumer.consume({
          max_messages: 256,
          expires: 5000,
          idle_heartbeat: 1000,
          abort_on_missing_resource: true,
        })
        close = () => messages.close()
        if (stopping.signal.aborted) await close()
        for await (const message of messages) void work(message)
      } catch (error) {
        isProvisioned = false
        onError(error, `the consumer ${name} of ${stream} is opened again`)
        await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const running = run()

  return {
    async stop(graceMs) {
      stopping.abort()
      await close?.().catch((error: unknown) => onError(error, `the consumer ${name} did not close`))
      await running
      const patience = new AbortController()
      if (inWork.size > 0) {
        const idle = new Promise<void>((resolve) => (whenIdle = resolve))
        await Promise.race([idle, delay(graceMs, undefined, { signal: patience.signal, ref: false })])
      }
      patience.abort()
      clearInterval(heartbeat)
    },
  }
}

async function provisionConsumer(
  jsm: JetStreamManager,
  { stream, name, subject, ackWaitMs, maxInWork }: SharedConsumerOptions,
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
    if (!(error instanceof JetStreamApiError) || !CONSUMER_NAME_IN_USE.includes(error.code)) throw error
    await jsm.consumers.update(stream, name, config)
  }
}
