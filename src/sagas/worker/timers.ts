import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, headers } from '@nats-io/nats-core'
import { z } from 'zod'
import type { StoredMessage } from '../../streams/events/stored-message.ts'
import type { Logger } from '../../streams/logger.ts'
import { type SharedConsumer, openSharedConsumer } from '../../streams/shared-consumer.ts'
import { assertId } from '../../streams/events/subjects.ts'
import { internalCommands } from '../machine/commands.ts'
import { type TimersStreamOptions, provisionTimers } from './provision-timers.ts'

export interface TimersOptions extends TimersStreamOptions {
  nc: NatsConnection
  logger: Logger
}

const PUT_OFF_MS = 60_000

/** Which saga a timer is of. */
export interface SagaName {
  saga: string
  id: string
}

const DueTimer = z.discriminatedUnion('timer', [
  internalCommands.wake,
  /** A commit that could not be acted on for so long that it was put off. */
  z.object({ timer: z.literal('commit'), sequence: z.int().positive() }),
])
/** What a timer is for: to wake a saga, or its worker. */
export type DueTimer = z.output<typeof DueTimer>

/** Timers of sagas: messages that the server keeps until their time has come. They survive whatever is restarted. */
export interface Timers {
  /** Sets a timer; setting it again changes nothing. Resolves when the server has it. */
  set(whose: SagaName, timer: DueTimer, at: string): Promise<void>
  /** Takes back the timer of a saga's deadline, which would else stay until its time. */
  cancelDeadline(whose: SagaName): Promise<void>
  /** Hears of the timers of a saga that are due, each at least once, in one of the processes that listen. */
  listen(
    saga: string,
    wake: (whose: SagaName, timer: DueTimer) => Promise<void>,
    limits: { ackWaitMs: number; maxInWork: number },
  ): Promise<SharedConsumer>
}

/**
 * Opens the timers, and provisions their stream.
 * @throws StreamMismatchError TIMERS_STREAM_MISMATCH
 */
export async function openTimers({ nc, logger, ...options }: TimersOptions): Promise<Timers> {
  const { namespace, stream } = options
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await provisionTimers(jsm, options)
  const js = jetstream(nc)
  const remove = async ({ sequence }: Pick<StoredMessage, 'sequence'>) => {
    await jsm.streams.deleteMessage(stream, sequence, false)
  }

  async function set({ saga, id }: SagaName, timer: DueTimer, at: string): Promise<void> {
    const head = headers()
    head.set('Nats-Schedule', `@at ${at}`)
    head.set('Nats-Schedule-Target', `${namespace}.timer.due.${saga}.${id}.${keyOf(timer)}`)
    // It is deleted once it was taken; whoever takes none for so long has given the saga up.
    head.set('Nats-Schedule-TTL', '720h')
    await js.publish(`${namespace}.timer.set.${saga}.${id}.${keyOf(timer)}`, JSON.stringify(timer), {
      headers: head,
    })
  }

  return {
    set,
    async cancelDeadline({ saga, id }) {
      const filter = `${namespace}.timer.set.${saga}.${id}.${keyOf({ timer: 'deadline' })}`
      await jsm.streams.purge(stream, { filter })
    },
    listen: (saga, wake, { ackWaitMs, maxInWork }) =>
      openSharedConsumer({
        nc,
        stream,
        name: `${namespace}-timers-${saga}`,
        subject: `${namespace}.timer.due.${saga}.>`,
        ackWaitMs,
        maxInWork,
        logger,
        read: dueTimer,
        discard: remove,
        async handle({ id, sequence, timer }) {
          await wake({ saga, id }, timer)
          await remove({ sequence })
        },
        async putOff({ id, sequence, timer }) {
          await set({ saga, id }, timer, inAWhile())
          await remove({ sequence })
        },
      }),
  }
}

/** What `<namespace>.timer.due.<saga>.<id>.<key>` says. Throws for what no saga has set. */
function dueTimer(message: StoredMessage) {
  const [, , , , id = ''] = message.subject.split('.')
  assertId(id)
  return { id, sequence: message.sequence, timer: DueTimer.parse(JSON.parse(message.text())) }
}

/** When what has been put off is tried again. */
export const inAWhile = (): string => new Date(Date.now() + PUT_OFF_MS).toISOString()

function keyOf(timer: DueTimer): string {
  if (timer.timer === 'deadline') return 'deadline'
  if (timer.timer === 'commit') return `commit-${timer.sequence}`
  return timer.timer === 'wait' ? `wait-${timer.step}` : `retry-${timer.way}-${timer.step}-${timer.attempt}`
}
