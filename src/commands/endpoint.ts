import { type NatsConnection, headers } from '@nats-io/nats-core'
import { type ServiceMsg, Svcm } from '@nats-io/services'
import { setTimeout as delay } from 'node:timers/promises'
import type { Actors } from './actors.ts'
import type { CommandReply } from './command.ts'
import type { Aggregate } from './define-aggregate.ts'
import { createEndpointStats } from './endpoint-stats.ts'
import { type CommandRequest, parseCommand } from './parse-command.ts'
import { type Problem, problemOf } from './problem.ts'

export interface EndpointOptions {
  nc: NatsConnection
  namespace: string
  /** The package's version, as the service shows it. */
  version: string
  aggregates: ReadonlyMap<string, Aggregate>
  /** Other services take the commands of other aggregates: this one takes none but its own. */
  isPart?: boolean
  actors: Actors
  settings: {
    /** The largest body that is taken, in bytes. */
    bodyLimit: number
    /** How long commands in work may take to finish when the endpoint closes, in milliseconds. */
    drainTimeoutMs: number
  }
  onError: (error: unknown, what: string) => void
}

export interface CommandEndpoint {
  /**
   * Takes no more commands, answers those it has, and resolves when the last one is answered or the time is up.
   * @returns how many were left unanswered
   */
  close(): Promise<number>
}

/**
 * Takes commands on `<namespace>.cmd.>` as a NATS micro service, in a queue group: replicas share the work. As a part of
 * several services it takes those of its own aggregates alone: what nobody serves, NATS answers at once with its status 503,
 * "no responders". To refuse it as unknown, somebody would have to take it, also while those who serve it start again.
 *
 * `nats micro ls`, `info` and `stats` show it.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
 */
export async function openEndpoint(options: EndpointOptions): Promise<CommandEndpoint> {
  const { nc, namespace, version, aggregates, isPart = false, actors, settings, onError } = options
  const prefix = `${namespace}.cmd.`
  const stats = createEndpointStats(actors)
  const name = `${namespace}-commands`
  const names = [...aggregates.keys()]
  const service = await new Svcm(nc).add({
    name,
    version,
    description: `Headwater commands: ${names.join(', ')}`,
    queue: name,
    metadata: { namespace, aggregates: names.join(',') },
    statsHandler: () => Promise.resolve(stats.read()),
  })
  const metadata = { subject: `${prefix}<aggregate>.<id>.<command>`, body: "JSON, the command's data" }
  const handler = (error: Error | null, message: ServiceMsg) => {
    if (!error) handle(message)
  }
  if (isPart) {
    for (const aggregate of names)
      service.addEndpoint(`commands-${aggregate}`, { subject: `${prefix}${aggregate}.>`, metadata, handler })
  } else service.addEndpoint('commands', { subject: `${prefix}>`, metadata, handler })
  await nc.flush()

  function handle(message: ServiceMsg): void {
    const startedAt = performance.now()
    const answer = (reply: CommandReply) => {
      stats.count(reply, performance.now() - startedAt)
      respond(message, reply, onError)
    }
    try {
      const command = parseCommand(requestOf(message, prefix), aggregates, settings.bodyLimit)
      actors.submit(command, answer)
    } catch (error) {
      const reply = problemOf(error)
      if (reply.status === 500) onError(error, 'a command could not be taken')
      answer(reply)
    }
  }

  return {
    async close() {
      const drain = async () => {
        await service.stop()
        await actors.drained()
        if (!nc.isClosed())
          await nc.flush().catch((error: unknown) => onError(error, 'the last replies may be lost'))
      }
      // Without a server there is nobody to take leave of, and no answer to it: the time counts for all of it.
      const patience = new AbortController()
      await Promise.race([
        drain(),
        delay(settings.drainTimeoutMs, undefined, { signal: patience.signal, ref: false }),
      ])
      patience.abort()
      return actors.inFlight
    },
  }
}

function requestOf(message: ServiceMsg, prefix: string): CommandRequest {
  const { headers: head } = message
  return {
    path: message.subject.slice(prefix.length).split('.'),
    header: (name) => (head?.has(name) ? head.get(name) : undefined),
    body: message.data,
  }
}

function respond(message: ServiceMsg, reply: CommandReply, onError: EndpointOptions['onError']): void {
  try {
    const body = JSON.stringify(reply)
    if (reply.ok) message.respond(body)
    else message.respond(body, { headers: errorHeaders(reply) })
  } catch (error) {
    onError(error, 'a reply could not be sent')
  }
}

function errorHeaders({ status, code, title, retryAfterMs }: Problem) {
  const head = headers()
  head.set('Nats-Service-Error-Code', `${status}`)
  head.set('Nats-Service-Error', `${code}: ${title}`)
  if (retryAfterMs !== undefined) head.set('Retry-After', `${Math.ceil(retryAfterMs / 1000)}`)
  return head
}
