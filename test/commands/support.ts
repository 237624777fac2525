import type { NatsConnection } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import type { CommandReply } from '../../src/commands/command.ts'
import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import { specOf, uniqueName } from '../streams/support.ts'
import { type CommandsOptions, type ComposedCommands, composeCommands } from '../support/compose-commands.ts'
import { type Heads, eventsAt, sendTo } from '../support/requests.ts'
import { thing } from './thing.ts'

export { request } from '../support/requests.ts'
export { thing } from './thing.ts'

export interface Service extends ComposedCommands {
  nc: NatsConnection
  namespace: string
  log: EventLog
  errors: unknown[]
  close(): Promise<number>
}

export interface ServiceOptions extends Pick<
  CommandsOptions,
  'isPart' | 'settings' | 'bodyLimit' | 'drainTimeoutMs' | 'conclude'
> {
  namespace?: string
  aggregate?: Aggregate
  appendTimeoutMs?: number
}

/** A replica of a command service with one type of aggregate. */
export async function startService(nc: NatsConnection, options: ServiceOptions = {}): Promise<Service> {
  const { namespace = uniqueName(), aggregate = thing, appendTimeoutMs = 8000, ...more } = options
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs, onMigration() {} })
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const composed = await composeCommands({ ...more, nc, namespace, log, aggregates: [aggregate], onError })
  let closed: Promise<number> | undefined
  const close = () => (closed ??= composed.endpoint.close())
  onTestFinished(async () => {
    if (!nc.isClosed()) await close()
  })
  return { ...composed, nc, namespace, log, errors, close }
}

/** Sends a command to `thing`, and answers what the service said. */
export async function send(
  service: { nc: NatsConnection; namespace: string },
  path: `${string}.${string}`,
  data: unknown = {},
  heads: Heads = {},
): Promise<CommandReply> {
  return await sendTo(service, `thing.${path}`, data, heads)
}

/** The events of a thing in the log, in order. */
export async function eventsOf(service: { log: EventLog; namespace: string }, id: string) {
  return await eventsAt(service, `thing.${id}`)
}

export const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
