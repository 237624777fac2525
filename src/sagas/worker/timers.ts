import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type NatsConnection, headers } from '@nats-io/nats-core'
import { type SharedConsumer, openSharedConsumer } from '../../streams/shared-consumer.ts'
import { type Timer, internalCommands } from '../machine/commands.ts'

export interface TimersOptions {
  nc: NatsConnection
  namespace: string
  /** The stream of the timers. */
  stream: string
  replicas: number
  storage: 'file' | 'memory'
  onError: (error: unknown, what: string) => void
}

/** Which saga a timer is of. */
export interface SagaName {
  saga: string
  id: string
}

/** Timers of sagas: messages that the server keeps until their time has come. They survive whatever is restarted. */
export interface Timers {
  /** Sets a timer; setting it again changes nothing. Resolves when the server has it. */
  set(whose: SagaName, timer: Timer, at: string): Promise<void>
  /** Takes back the timer of a saga's deadline, which would else stay until its time. */
  cancelDeadline(whose: SagaName): Promise<void>
  /** Hears of the timers of a saga that are due, each at least once, in one of the processes that listen. */
  listen(
    saga: string,
    wake: (whose: SagaName, timer: Timer) => Promise<void>,
    limits: { ackWaitMs: number; maxInWork: number },
  ): Promise<SharedConsumer>
}

/**
 * Opens the stream of timers. It has no other use: a stream with schedules lets whoever may publish take messages out of it.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-51.md
 */
export async function openTimers({
  nc,
  namespace,
  stream,
  replicas,
  storage,
  onError,
}: TimersOptions): Promise<Timers> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await jsm.streams
    .add({
      name: stream,
      subjects: [`${namespace}.timer.>`],
      num_replicas: replicas,
      storage: storage === 'file' ? StorageType.File : StorageType.Memory,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      allow_msg_schedules: true,
      allow_msg_ttl: true,
      allow_direct: true,
    })
    .catch(existsAlready)
  const js = jetstream(nc)

  return {
    async set({ saga, id }, timer, at) {
      const head = headers()
      head.set('Nats-Schedule', `@at ${at}`)
      head.set('Nats-Schedule-Target', `${namespace}.timer.due.${saga}.${id}.${keyOf(timer)}`)
      // It is deleted once it was taken; whoever takes none for so long has given the saga up.
      head.set('Nats-Schedule-TTL', '720h')
      await js.publish(`${namespace}.timer.set.${saga}.${id}.${keyOf(timer)}`, JSON.stringify(timer), {
        headers: head,
      })
    },
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
        onError,
        async handle(message) {
          const [, , , , id = ''] = message.subject.split('.')
          await wake({ saga, id }, internalCommands.wake.parse(JSON.parse(message.text())))
          await jsm.streams.deleteMessage(stream, message.sequence, false)
        },
      }),
  }
}

function keyOf(timer: Timer): string {
  if (timer.timer === 'deadline') return 'deadline'
  return timer.timer === 'wait' ? `wait-${timer.step}` : `retry-${timer.way}-${timer.step}-${timer.attempt}`
}

const STREAM_NAME_IN_USE = 10058

function existsAlready(error: unknown): void {
  if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error
}
