import type { NatsConnection } from '@nats-io/nats-core'
import { type Actors, type ActorsSettings, createActors } from '../../src/commands/actors.ts'
import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import {
  type Transaction,
  transactionsByAggregate,
} from '../../src/commands/definition/define-transaction.ts'
import {
  type CommandEndpoint,
  type EndpointOptions,
  openEndpoint,
} from '../../src/commands/endpoint/endpoint.ts'
import type { EventLog } from '../../src/streams/log/event-log.ts'
import { type Snapshots, openSnapshots } from '../../src/streams/snapshots.ts'

/** Settings of actors that no test is about. */
export const actorSettings: ActorsSettings = {
  mailboxLimit: 1000,
  groupMaxCommands: 500,
  groupMaxBytes: 512 * 1024,
  conflictRetries: 10,
  snapshotEvery: 200,
  actors: 1000,
  idleMs: 60_000,
  inFlightLimit: 10_000,
  idempotencyWindowMs: 86_400_000,
  timeoutMs: 50_000,
  consultTimeoutMs: 50_000,
  consultLimit: 1000,
}

export interface CommandsOptions extends Pick<EndpointOptions, 'conclude'> {
  nc: NatsConnection
  namespace: string
  log: EventLog
  aggregates: readonly Aggregate[]
  transactions?: readonly Transaction[]
  /** Other services have other aggregates. */
  isPart?: boolean
  settings?: Partial<ActorsSettings>
  bodyLimit?: number
  drainTimeoutMs?: number
  onError?: (error: unknown, what: string) => void
}

export interface ComposedActors {
  actors: Actors
  snapshots: Snapshots
}

export interface ComposedCommands extends ComposedActors {
  endpoint: CommandEndpoint
}

/** The actors of aggregates of one log, as the runtime composes them; also outside of a test. */
export async function composeActors(options: CommandsOptions): Promise<ComposedActors> {
  const { nc, namespace, log, aggregates, settings, onError = print } = options
  const bucket = `${namespace}_snapshots`
  const snapshots = await openSnapshots({ nc, bucket, replicas: 1, storage: 'file' })
  const transactions = transactionsByAggregate(options.transactions ?? [])
  const homes = new Map(
    aggregates.map((aggregate) => {
      const own = transactions.get(aggregate.name)
      return [aggregate.name, { aggregate, context: 'things', log, ...(own && { transactions: own }) }]
    }),
  )
  const actors = createActors({
    namespace,
    homes,
    snapshots,
    settings: { ...actorSettings, ...settings },
    onError,
  })
  return { actors, snapshots }
}

/** The same, with the endpoint that takes their commands. */
export async function composeCommands(options: CommandsOptions): Promise<ComposedCommands> {
  const { nc, namespace, aggregates, isPart = false, onError = print, conclude } = options
  const { actors, snapshots } = await composeActors(options)
  const endpoint = await openEndpoint({
    nc,
    namespace,
    version: '1.2.3',
    aggregates: new Map(aggregates.map((aggregate) => [aggregate.name, aggregate])),
    transactions: transactionsByAggregate(options.transactions ?? []),
    isPart,
    actors,
    settings: { bodyLimit: options.bodyLimit ?? 100_000, drainTimeoutMs: options.drainTimeoutMs ?? 50_000 },
    onError,
    ...(conclude && { conclude }),
  })
  return { actors, snapshots, endpoint }
}

const print = (error: unknown, what: string) => console.error(what, error)
