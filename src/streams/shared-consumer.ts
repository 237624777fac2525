import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { delivered } from './log/delivered.ts'
import type { Logger } from './logger.ts'
import { pause } from './waiting/pause.ts'
import { type ConsumerSpec, provisionConsumer } from './provision/provision-consumer.ts'
import { provisioned } from './provision/provisioned.ts'
import { type StoredMessage, fromConsumer } from './events/stored-message.ts'
import { isTransient } from './waiting/transient.ts'
import { within } from './waiting/within.ts'

export interface SharedConsumerOptions<Value> extends ConsumerSpec {
  nc: NatsConnection
  /**
   * What a message says. One that this throws at is no business of anybody: it is logged as an error with its position, and does not
   * come again, since it would read no better.
   */
  read: (message: StoredMessage) => Value
  /** Takes such a message away, where it may not stay in the stream. */
  discard?: (message: StoredMessage) => Promise<void>
  /**
   * Does what a message asks for. It comes again, to anybody, when this rejects, and when the process is gone.
   * @param isAgain somebody may have done it already, or be at it
   */
  handle: (value: Value, isAgain: boolean) => Promise<void>
  /**
   * Sees to it that a message comes again later, in another way. It is asked for one that has failed for long, though nothing is away:
   * as long as it is tried again and again, it takes the room of others.
   */
  putOff: (value: Value) => Promise<void>
  logger: Logger
}

export interface SharedConsumer {
  /** Takes nothing new; resolves when what is in work is done, at most after `graceMs`. What is left goes to others. */
  stop(graceMs: number): Promise<void>
}

/** What failed comes again after a pause, up to this. */
const MAX_PAUSE_MS = 10_000
const RETRY_MS = 500
/** Some six seconds; long enough for another replica, of another release perhaps, to have had it. */
const ATTEMPTS = 6

/**
 * Shares the messages of a stream among all who name the same consumer: each is handled at least once, by one of them at a time
 * unless that one stalls. The server keeps the account: it survives restarts of everything. Messages come side by side;
 * there is no order among them.
 */
export async function openSharedConsumer<Value>(
  options: SharedConsumerOptions<Value>,
): Promise<SharedConsumer> {
  const { nc, stream, name, ackWaitMs, logger } = options
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await provisioned(`the consumer ${name}`, () => provisionConsumer(jsm, options))
  let isProvisioned = true
  // What is older than a consumer that was made anew has been handled with the one before, or may have been.
  let madeAnewAt = 0
  const work = createWork(options, () => madeAnewAt)
  const stopping = new AbortController()
  let close: (() => Promise<unknown>) | undefined

  /** Whoever is still at a message says so, or it goes to another. */
  const heartbeat = setInterval(() => work.sayThatItGoesOn(performance.now() - ackWaitMs / 4), ackWaitMs / 3)
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
        const messages = delivered(
          await consumer.consume({
            max_messages: 256,
            expires: 5000,
            idle_heartbeat: 1000,
            abort_on_missing_resource: true,
          }),
        )
        close = () => messages.close()
        if (stopping.signal.aborted) await close()
        for await (const message of messages.read()) void work.take(message)
      } catch (error) {
        isProvisioned = false
        logger.warn({ err: error, consumer: name }, `the consumer ${name} of ${stream} is opened again`)
        await pause(RETRY_MS, stopping.signal)
      }
    }
  }
  const running = run()

  return {
    async stop(graceMs) {
      stopping.abort()
      await close?.().catch((error: unknown) =>
        logger.warn({ err: error, consumer: name }, `the consumer ${name} did not close`),
      )
      await running
      await work.idle(graceMs)
      clearInterval(heartbeat)
    },
  }
}

/** The messages that this process is at. */
interface Work {
  /** Never rejects. */
  take(message: JsMsg): Promise<void>
  /** Tells the server of those that were begun before a moment of `performance.now()`. */
  sayThatItGoesOn(before: number): void
  /** Resolves when nothing is in work any more, at most after so long, in milliseconds. */
  idle(graceMs: number): Promise<void>
}

function createWork<Value>(options: SharedConsumerOptions<Value>, madeAnewAt: () => number): Work {
  const { stream, name, read, discard, handle, putOff, ackWaitMs, logger } = options
  const inWork = new Map<JsMsg, number>()
  let whenIdle: (() => void) | undefined

  async function act(message: JsMsg): Promise<void> {
    const stored = fromConsumer(message)
    let value: Value
    try {
      value = read(stored)
    } catch (error) {
      const { subject, sequence } = stored
      logger.error(
        { err: error, consumer: name, stream, sequence, subject },
        `the message ${stream} ${sequence} on ${subject} cannot be read; nothing is done for it, and it does not come again`,
      )
      await discard?.(stored)
      return message.term('unreadable')
    }
    // What was long on its way may have been given to another meanwhile.
    const isAgain =
      message.info.deliveryCount > 1 ||
      stored.recordedAt <= madeAnewAt() ||
      Date.now() - stored.recordedAt > ackWaitMs / 2
    try {
      await handle(value, isAgain)
    } catch (error) {
      if (message.info.deliveryCount < ATTEMPTS || isTransient(error)) throw error
      await putOff(value)
      logger.warn({ err: error, consumer: name }, `the message ${stream} ${stored.sequence} is put off`)
    }
    message.ack()
  }

  return {
    async take(message) {
      inWork.set(message, performance.now())
      try {
        await act(message)
      } catch (error) {
        logger.warn({ err: error, consumer: name }, `the message ${stream} ${message.seq} is handled again`)
        message.nak(Math.min(100 * 2 ** Math.min(message.info.deliveryCount, 20), MAX_PAUSE_MS))
      } finally {
        inWork.delete(message)
        if (inWork.size === 0) whenIdle?.()
      }
    },
    sayThatItGoesOn(before) {
      for (const [message, since] of inWork) if (since < before) message.working()
    },
    async idle(graceMs) {
      if (inWork.size === 0) return
      await within(graceMs, new Promise<void>((resolve) => (whenIdle = resolve)))
    },
  }
}
