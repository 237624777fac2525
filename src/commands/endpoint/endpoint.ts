import type { NatsConnection } from '@nats-io/nats-core'
import { type Service, type ServiceMsg, Svcm } from '@nats-io/services'
import { setTimeout as delay } from 'node:timers/promises'
import type { Actors } from '../actors.ts'
import type { Command, CommandAccepted, CommandReply } from '../command.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Transactions } from '../definition/define-transaction.ts'
import { createEndpointStats } from './endpoint-stats.ts'
import { type CommandRequest, CommandRequestError, parseCommand } from './parse-command.ts'
import { requestOf, respond } from './service-message.ts'
import { problemOf } from '../problem.ts'

export interface EndpointOptions {
  nc: NatsConnection
  namespace: string
  /** The package's version, as the service shows it. */
  version: string
  aggregates: ReadonlyMap<string, Aggregate>
  /** The commands over several aggregates, by the aggregate that they are addressed to. */
  transactions?: ReadonlyMap<string, Transactions>
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
  /** The reply to a command with the header `Wait: completed`, when what it began has ended. */
  conclude?: (command: Command, reply: CommandAccepted) => Promise<CommandReply>
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
  const { nc, namespace, aggregates, actors, settings, onError, conclude } = options
  const prefix = `${namespace}.cmd.`
  const stats = createEndpointStats(actors)
  const service = await startService(options, { prefix, handle, stats: () => stats.read() })

  function handle(message: ServiceMsg): void {
    const startedAt = performance.now()
    const answer = (reply: CommandReply) => {
      stats.count(reply, performance.now() - startedAt)
      respond(message, reply, namespace, onError)
    }
    try {
      const request = requestOf(message, prefix)
      const command = parseCommand(request, aggregates, settings.bodyLimit, options.transactions)
      actors.submit(command, waitsForEnd(request) ? concluded(command, answer) : answer)
    } catch (error) {
      const reply = problemOf(error)
      if (reply.status === 500) onError(error, 'a command could not be taken')
      answer(reply)
    }
  }

  /** Answers when what the command began has ended, where somebody knows of an end. */
  function concluded(command: Command, answer: (reply: CommandReply) => void) {
    return (reply: CommandReply) => {
      if (!reply.ok || !conclude) return answer(reply)
      conclude(command, reply).then(answer, (error: unknown) => {
        onError(error, 'the end of what a command began could not be waited for')
        answer(reply)
      })
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

interface Serving {
  /** Of the subjects, before the aggregate. */
  prefix: string
  handle: (message: ServiceMsg) => void
  stats: () => unknown
}

/** The service, which takes what `nats micro` asks for from here on, and commands. */
async function startService(
  { nc, namespace, version, aggregates, transactions, isPart = false }: EndpointOptions,
  { prefix, handle, stats }: Serving,
): Promise<Service> {
  const name = `${namespace}-commands`
  const names = [...aggregates.keys()]
  const service = await new Svcm(nc).add({
    name,
    version,
    description: `Headwater commands: ${names.join(', ')}`,
    queue: name,
    metadata: { namespace, aggregates: names.join(','), ...transactionMetadata(transactions) },
    statsHandler: () => Promise.resolve(stats()),
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
  return service
}

/** As subjects have them: `account.transfer`. */
function transactionMetadata(transactions: ReadonlyMap<string, Transactions> = new Map()) {
  const names = [...transactions].flatMap(([aggregate, all]) =>
    Array.from(all.keys(), (name) => `${aggregate}.${name}`),
  )
  return names.length === 0 ? {} : { transactions: names.join(',') }
}

/** @throws CommandRequestError for anything else to wait for */
function waitsForEnd({ header }: CommandRequest): boolean {
  const wait = header('Wait')
  if (wait === undefined || wait === 'completed') return wait !== undefined
  throw new CommandRequestError({
    status: 400,
    code: 'INVALID_HEADER',
    detail: 'A header is not valid: Wait: must be completed',
    errors: [{ path: 'Wait', message: 'must be completed' }],
  })
}
