import type { NatsConnection } from '@nats-io/nats-core'
import { type ActorsSettings, type AggregateHome, createActors } from '../../src/commands/actors.ts'
import type { CommandSender } from '../../src/commands/client/command-sender.ts'
import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import type { Saga } from '../../src/sagas/define-saga.ts'
import { createAwaitEnd } from '../../src/sagas/worker/await-end.ts'
import { openSagaEnds } from '../../src/sagas/worker/ends.ts'
import { type SagaSettings, startSaga } from '../../src/sagas/worker/start-saga.ts'
import { type Timers, openTimers } from '../../src/sagas/worker/timers.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { actorSettings } from '../support/compose-commands.ts'
import { parcel, purse, stock } from './trade.ts'

export interface ReplicaOptions {
  namespace: string
  sagas: readonly Saga[]
  aggregates?: readonly Aggregate[]
  settings?: Partial<SagaSettings>
  commands?: Partial<ActorsSettings>
  /** For those who wait for the end of a saga. */
  waits?: { timeoutMs?: number; limit?: number }
  /** What stands between a saga and its timers, and what it sends. */
  between?: { timers?: (timers: Timers) => Timers; sender?: (sender: CommandSender) => CommandSender }
}

const storage = { replicas: 1, storage: 'file' } as const

/** A replica that serves the trade and its sagas, as the runtime composes it; also outside of a test. */
export async function composeReplica(
  nc: NatsConnection,
  {
    namespace,
    sagas,
    aggregates = [stock, purse, parcel],
    settings = {},
    commands = {},
    waits = {},
    between = {},
  }: ReplicaOptions,
) {
  const problems: { fields: object; message: string }[] = []
  const note = (fields: object, message: string) => void problems.push({ fields, message })
  const onError = (error: unknown, what: string) => note({ error }, what)
  const logOf = async (name: string, served: readonly Aggregate[]) =>
    await openEventLog({
      nc,
      spec: {
        name: `${namespace}_${name}`,
        subjects: served.map((one) => `${namespace}.evt.${one.name}.*`),
        duplicateWindowMs: 120_000,
        ...storage,
      },
      appendTimeoutMs: 8000,
      onMigration() {},
    })
  const trade = await logOf('TRADE', aggregates)
  const log = await logOf(
    'SAGAS',
    sagas.map(({ aggregate }) => aggregate),
  )
  const homes = new Map<string, AggregateHome>()
  for (const aggregate of aggregates) homes.set(aggregate.name, { aggregate, context: 'trade', log: trade })
  for (const { aggregate } of sagas) homes.set(aggregate.name, { aggregate, context: 'sagas', log })
  const snapshots = await openSnapshots({ nc, bucket: `${namespace}_snapshots`, ...storage })
  const actors = createActors({
    namespace,
    homes,
    snapshots,
    settings: { ...actorSettings, ...commands },
    onError,
  })
  const ends = openSagaEnds(nc, namespace)
  const stopping = new AbortController()
  const conclude = createAwaitEnd({
    namespace,
    logOf: (name) => (sagas.some((saga) => saga.name === name) ? log : undefined),
    ends,
    timeoutMs: waits.timeoutMs ?? 30_000,
    limit: waits.limit ?? 1000,
    signal: stopping.signal,
  })
  let waiting = 0
  const endpoint = await openEndpoint({
    nc,
    namespace,
    version: '1.2.3',
    aggregates: new Map([...homes].map(([name, { aggregate }]) => [name, aggregate])),
    actors,
    settings: { bodyLimit: 100_000, drainTimeoutMs: 5000 },
    onError,
    conclude: (command, accepted) => {
      waiting++
      return conclude(command, accepted).finally(() => waiting--)
    },
  })
  const senderFor = (timeoutMs: number) => createNatsSender({ nc, namespace, timeoutMs })
  const logger = { debug() {}, info() {}, warn: note, error: note }
  const timers = await openTimers({
    nc,
    namespace,
    stream: `${namespace}_TIMERS`,
    ...storage,
    onMigration() {},
    logger,
  })
  const running = await Promise.all(
    sagas.map((saga) =>
      startSaga(saga, {
        nc,
        namespace,
        log,
        actors,
        senderFor: (timeoutMs) => between.sender?.(senderFor(timeoutMs)) ?? senderFor(timeoutMs),
        timers: between.timers?.(timers) ?? timers,
        ends,
        settings: { takeOverMs: 1500, maxInWork: 500, ...settings },
        logger,
      }),
    ),
  )
  let stopped: Promise<void> | undefined
  const stop = () =>
    (stopped ??= (async () => {
      stopping.abort()
      await Promise.all(running.map((one) => one.stop(2000)))
      await endpoint.close()
      ends.close()
    })())
  const sender = senderFor(10_000)
  return {
    nc,
    namespace,
    log,
    trade,
    actors,
    ends,
    problems,
    stop,
    /** How many wait for the end of a saga. */
    waiting: () => waiting,
    send: (aggregate: string, id: string, command: string, data: unknown = {}) =>
      sender.send({ aggregate, id, command, data }),
    async eventsOf(aggregate: string, id: string) {
      const home = homes.get(aggregate)
      if (!home) throw new Error(`no ${aggregate}`)
      const events: CloudEvent[] = []
      for await (const commit of home.log.read.forwards(`${namespace}.evt.${aggregate}.${id}`, 1))
        events.push(...commit.events)
      return events
    },
  }
}

export type Replica = Awaited<ReturnType<typeof composeReplica>>
