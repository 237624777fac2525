import type { NatsConnection } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import type { ZodType } from 'zod'
import { type ActorsSettings, createActors } from '../../src/commands/actors.ts'
import type { Command, CommandReply } from '../../src/commands/command.ts'
import { transactionsByAggregate } from '../../src/commands/definition/define-transaction.ts'
import { type CommandEndpoint, openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { type EventLog, openEventLog } from '../../src/streams/event-log.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { account } from '../../src/domains/ledger/aggregate.ts'
import { transfer } from '../../src/domains/ledger/transfer.ts'
import { type Heads, request } from '../commands/support.ts'
import { defaults } from '../commands/thing.ts'
import { all, specOf, uniqueName } from '../streams/support.ts'
import { fillUpTo, jar, mischief, pour, shelf } from './jars.ts'

export { upTo } from '../commands/support.ts'

const aggregates = [account, jar, shelf]
const transactions = transactionsByAggregate([transfer, pour, fillUpTo, mischief])

export interface Replica {
  nc: NatsConnection
  namespace: string
  log: EventLog
  errors: unknown[]
  endpoint: CommandEndpoint
  /** How often an append met what another replica had written. */
  conflicts(): number
  /** Hands a command to the actors of this replica, past the queue group. */
  submit(
    path: `${string}.${string}.${string}`,
    data: unknown,
    changes?: Partial<Command>,
  ): Promise<CommandReply>
  close(): Promise<number>
}

export interface ReplicaOptions {
  namespace?: string
  settings?: Partial<ActorsSettings>
  appendTimeoutMs?: number
}

/** A replica of a service with accounts and jars, as the runtime composes it. */
export async function startReplica(nc: NatsConnection, options: ReplicaOptions = {}): Promise<Replica> {
  const { namespace = uniqueName(), settings = {}, appendTimeoutMs = 8000 } = options
  const subjects = aggregates.map(({ name }) => `${namespace}.evt.${name}.*`)
  const opened = await openEventLog({
    nc,
    spec: specOf(namespace, { subjects }),
    appendTimeoutMs,
    onMigration() {},
  })
  const { log, conflicts } = countingConflicts(opened)
  const snapshots = await openSnapshots({
    nc,
    bucket: `${namespace}_snapshots`,
    replicas: 1,
    storage: 'file',
  })
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
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
    settings: { ...defaults, groupMaxCommands: 128, ...settings },
    onError,
  })
  const endpoint = await openEndpoint({
    nc,
    namespace,
    version: '1.2.3',
    aggregates: new Map(aggregates.map((aggregate) => [aggregate.name, aggregate])),
    transactions,
    actors,
    settings: { bodyLimit: 100_000, drainTimeoutMs: 5000 },
    onError,
  })
  let closed: Promise<number> | undefined
  const close = () => (closed ??= endpoint.close())
  onTestFinished(async () => {
    if (!nc.isClosed()) await close()
  })
  return {
    nc,
    namespace,
    log: opened,
    errors,
    endpoint,
    conflicts,
    close,
    submit(path, data, changes = {}) {
      const [aggregate = '', id = '', name = ''] = path.split('.')
      const commandId = uniqueName('c')
      const known = aggregates.find((one) => one.name === aggregate)
      const schemas: Record<string, ZodType> = known?.commands ?? {}
      const schema = schemas[name] ?? transactions.get(aggregate)?.get(name)?.data
      const command: Command = {
        aggregate,
        id,
        name,
        data: schema?.parse(data),
        bytes: 10,
        commandId,
        correlationId: commandId,
        causationId: commandId,
        expectedVersion: undefined,
        time: '2026-01-31T10:00:00.000Z',
        traceparent: undefined,
        ...changes,
      }
      return new Promise((resolve) => actors.submit(command, resolve))
    },
  }
}

/** The same log, which counts the appends that came too late. */
function countingConflicts(log: EventLog) {
  let conflicts = 0
  const count = (error: unknown): never => {
    if (error instanceof Error && error.name === 'ConflictError') conflicts++
    throw error
  }
  return {
    conflicts: () => conflicts,
    log: {
      ...log,
      append: (draft) => log.append(draft).catch(count),
      appendAtomic: (drafts) => log.appendAtomic(drafts).catch(count),
    } satisfies EventLog,
  }
}

/** Sends a command over NATS, and answers what the service said. */
export async function send(
  { nc, namespace }: { nc: NatsConnection; namespace: string },
  path: `${string}.${string}.${string}`,
  data: unknown = {},
  heads: Heads = {},
): Promise<CommandReply> {
  return (await request(nc, `${namespace}.cmd.${path}`, JSON.stringify(data), heads)).json()
}

/** The events of one aggregate in the log, in order, each with where it stands. */
export async function eventsOf({ log, namespace }: { log: EventLog; namespace: string }, path: string) {
  const commits = await all(log.read.forwards(`${namespace}.evt.${path}`, 1))
  return commits.flatMap(({ events, position }) => events.map((event) => ({ ...event, position })))
}
