import type { NatsConnection } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import type { ZodType } from 'zod'
import type { ActorsSettings } from '../../src/commands/actors.ts'
import type { Command, CommandReply } from '../../src/commands/command.ts'
import { transactionsByAggregate } from '../../src/commands/definition/define-transaction.ts'
import type { CommandEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { account } from '../../src/domains/ledger/aggregate.ts'
import { transfer } from '../../src/domains/ledger/transfer.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import { specOf, uniqueName } from '../streams/support.ts'
import { aCommand } from '../support/a-command.ts'
import { composeCommands } from '../support/compose-commands.ts'
import { fillUpTo, jar, mischief, pour, shelf } from './jars.ts'

export { upTo } from '../commands/support.ts'
export { eventsAt as eventsOf, sendTo as send } from '../support/requests.ts'

const aggregates = [account, jar, shelf]
const transactions = [transfer, pour, fillUpTo, mischief]
const byAggregate = transactionsByAggregate(transactions)

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
  const errors: unknown[] = []
  const { actors, endpoint } = await composeCommands({
    nc,
    namespace,
    log,
    aggregates,
    transactions,
    settings: { groupMaxCommands: 128, ...settings },
    onError: (error) => void errors.push(error),
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
      const [aggregate = '', , name = ''] = path.split('.')
      const known = aggregates.find((one) => one.name === aggregate)
      const schemas: Record<string, ZodType> = known?.commands ?? {}
      const schema = schemas[name] ?? byAggregate.get(aggregate)?.get(name)?.data
      const command = aCommand(path, schema?.parse(data), changes)
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
