import type { Msg, NatsConnection } from '@nats-io/nats-core'
import { headers } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import { type Actors, type ActorsSettings, createActors } from '../../src/commands/actors.ts'
import type { CommandReply } from '../../src/commands/command.ts'
import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import { type CommandEndpoint, openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { type EventLog, openEventLog } from '../../src/streams/event-log.ts'
import { type Snapshots, openSnapshots } from '../../src/streams/snapshots.ts'
import { all, specOf, uniqueName } from '../streams/support.ts'
import { defaults, thing } from './thing.ts'

export { thing } from './thing.ts'

export interface Service {
  nc: NatsConnection
  namespace: string
  log: EventLog
  actors: Actors
  snapshots: Snapshots
  endpoint: CommandEndpoint
  errors: unknown[]
  close(): Promise<number>
}

export interface ServiceOptions {
  namespace?: string
  aggregate?: Aggregate
  /** Other services have other aggregates. */
  isPart?: boolean
  settings?: Partial<ActorsSettings>
  bodyLimit?: number
  drainTimeoutMs?: number
  appendTimeoutMs?: number
}

/** A replica of a command service, as the runtime composes it. */
export async function startService(nc: NatsConnection, options: ServiceOptions = {}): Promise<Service> {
  const { namespace = uniqueName(), aggregate = thing, settings = {}, appendTimeoutMs = 8000 } = options
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs, onMigration() {} })
  const snapshots = await openSnapshots({
    nc,
    bucket: `${namespace}_snapshots`,
    replicas: 1,
    storage: 'file',
  })
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const actors = createActors({
    namespace,
    homes: new Map([[aggregate.name, { aggregate, context: 'things', log }]]),
    snapshots,
    settings: { ...defaults, ...settings },
    onError,
  })
  const endpoint = await openEndpoint({
    nc,
    namespace,
    version: '1.2.3',
    aggregates: new Map([[aggregate.name, aggregate]]),
    isPart: options.isPart ?? false,
    actors,
    settings: { bodyLimit: options.bodyLimit ?? 100_000, drainTimeoutMs: options.drainTimeoutMs ?? 5000 },
    onError,
  })
  let closed: Promise<number> | undefined
  const close = () => (closed ??= endpoint.close())
  onTestFinished(async () => {
    if (!nc.isClosed()) await close()
  })
  return { nc, namespace, log, actors, snapshots, endpoint, errors, close }
}

export type Heads = Record<string, string>

/** Sends a command as any NATS client would, and answers the raw message. */
export async function request(
  nc: NatsConnection,
  subject: string,
  body: string | Uint8Array = '',
  heads: Heads = {},
): Promise<Msg> {
  const head = headers()
  for (const [name, value] of Object.entries(heads)) head.set(name, value)
  return await nc.request(subject, body, { headers: head, timeout: 15_000 })
}

/** Sends a command to `thing`, and answers what the service said. */
export async function send(
  { nc, namespace }: { nc: NatsConnection; namespace: string },
  path: `${string}.${string}`,
  data: unknown = {},
  heads: Heads = {},
): Promise<CommandReply> {
  const message = await request(nc, `${namespace}.cmd.thing.${path}`, JSON.stringify(data), heads)
  return message.json()
}

/** The events of a thing in the log, in order. */
export async function eventsOf({ log, namespace }: { log: EventLog; namespace: string }, id: string) {
  const commits = await all(log.read.forwards(`${namespace}.evt.thing.${id}`, 1))
  return commits.flatMap(({ events, position }) => events.map((event) => ({ ...event, position })))
}

export const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
