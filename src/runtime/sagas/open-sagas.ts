import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { Actors, AggregateHome } from '../../commands/actors.ts'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import type { Aggregate } from '../../commands/definition/define-aggregate.ts'
import type { Transactions } from '../../commands/definition/define-transaction.ts'
import { createLocalSender } from '../../commands/client/local-sender.ts'
import { createNatsSender } from '../../commands/client/nats-sender.ts'
import { createAwaitEnd } from '../../sagas/worker/await-end.ts'
import { openSagaEnds } from '../../sagas/worker/ends.ts'
import { type RunningSaga, startSaga } from '../../sagas/worker/start-saga.ts'
import { openTimers } from '../../sagas/worker/timers.ts'
import type { Config } from '../config/index.ts'
import { type Context, SAGAS } from '../define-context.ts'
import { migrationOf, streamName } from '../kernel.ts'

export interface OpenSagasOptions {
  nc: NatsConnection
  config: Config
  known: readonly Context[]
  served: readonly Context[]
  homes: ReadonlyMap<string, AggregateHome>
  actors: Actors
  /** What is served here: their commands need not go over the network. */
  aggregates: ReadonlyMap<string, Aggregate>
  transactions: ReadonlyMap<string, Transactions>
  logger: Logger
}

/** The sagas of this process. */
export interface Sagas {
  /** The reply to the start of one, when it has ended. */
  readonly conclude: ReturnType<typeof createAwaitEnd>
  /** Begins with the work on their transitions. */
  start(): Promise<void>
  /** Whoever waits is answered; what is in work is finished, in its time, or left to others. */
  stop(): Promise<void>
}

/** Prepares the sagas of a process, before it takes commands; undefined when it serves none. */
export async function openSagas(options: OpenSagasOptions): Promise<Sagas | undefined> {
  const { nc, config, known, served, homes, actors, aggregates, transactions, logger } = options
  if (!served.some(({ name }) => name === SAGAS)) return undefined
  const { namespace, sagas: settings } = config
  const { replicas, storage } = config.streams
  const sagas = known.flatMap((context) => context.sagas)
  const names = new Set<string>(sagas.map(({ name }) => name))
  const stopping = new AbortController()
  const running: RunningSaga[] = []
  const ends = openSagaEnds(nc, namespace)
  const timersStream = streamName('saga_timers', config)
  const timers = await openTimers({
    nc,
    namespace,
    stream: timersStream,
    replicas,
    storage,
    onMigration: migrationOf(timersStream, logger),
    logger,
  })
  const senders = new Map<number, CommandSender>()
  const senderFor = (timeoutMs: number): CommandSender => {
    const made = senders.get(timeoutMs)
    if (made) return made
    const remote = createNatsSender({ nc, namespace, timeoutMs })
    const { bodyLimit } = config.commands
    const sender = createLocalSender({ actors, aggregates, transactions, bodyLimit, timeoutMs, remote })
    senders.set(timeoutMs, sender)
    return sender
  }
  return {
    conclude: createAwaitEnd({
      namespace,
      logOf: (aggregate) => (names.has(aggregate) ? homes.get(aggregate)?.log : undefined),
      ends,
      timeoutMs: settings.waitTimeoutMs,
      limit: settings.waitLimit,
      signal: stopping.signal,
    }),
    async start() {
      for (const saga of sagas) {
        const log = homes.get(saga.name)?.log
        const surroundings = { nc, namespace, actors, senderFor, timers, ends, settings, logger }
        if (log) running.push(await startSaga(saga, { ...surroundings, log }))
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all(running.map((one) => one.stop(settings.stopTimeoutMs)))
      ends.close()
    },
  }
}
