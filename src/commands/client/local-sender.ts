import { randomUUID } from 'node:crypto'
import { within } from '../../streams/waiting/within.ts'
import type { Actors } from '../actors.ts'
import type { CommandReply } from '../command.ts'
import type { CommandEnvelope, CommandSender } from './command-sender.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Transactions } from '../definition/define-transaction.ts'
import { parseCommand } from '../endpoint/parse-command.ts'
import { problemOf } from '../problem.ts'
import { untilAnswered } from './until-answered.ts'

export interface LocalSenderOptions {
  actors: Pick<Actors, 'submit'>
  /** Those that are served in this process. */
  aggregates: ReadonlyMap<string, Aggregate>
  transactions: ReadonlyMap<string, Transactions>
  /** The largest body that is taken, in bytes. */
  bodyLimit: number
  /** How long to go on trying, in milliseconds. */
  timeoutMs: number
  /** For what is served elsewhere. */
  remote: CommandSender
}

/**
 * Hands commands to the actors of this process, without the way over the network; others it sends there. They are checked, decided
 * and stored as any other: a replica that meets another one's writes sees it by the log.
 */
export function createLocalSender({
  actors,
  aggregates,
  transactions,
  bodyLimit,
  timeoutMs,
  remote,
}: LocalSenderOptions): CommandSender {
  return {
    async send(envelope) {
      if (!aggregates.has(envelope.aggregate) || envelope.wait) return await remote.send(envelope)
      const commandId = envelope.commandId ?? randomUUID()
      const request = requestOf(envelope, commandId)
      return await untilAnswered({
        commandId,
        timeoutMs,
        ask: async (patience) => (await within(patience, submitted(request)))?.value,
        isClosed: () => false,
      })
    },
  }

  async function submitted(request: ReturnType<typeof requestOf>): Promise<CommandReply> {
    try {
      const command = parseCommand(request, aggregates, bodyLimit, transactions)
      return await new Promise((resolve) => actors.submit(command, resolve))
    } catch (error) {
      return problemOf(error)
    }
  }
}

const encoder = new TextEncoder()

/** As it would have come over NATS. */
function requestOf(envelope: CommandEnvelope, commandId: string) {
  const { aggregate, id, command, data } = envelope
  const { correlationId, causationId, expectedVersion, occurredAt, traceparent } = envelope
  const heads = new Map([
    ['Command-Id', commandId],
    ['Correlation-Id', correlationId],
    ['Causation-Id', causationId],
    ['Expected-Version', expectedVersion === undefined ? undefined : String(expectedVersion)],
    ['Occurred-At', occurredAt],
    ['traceparent', traceparent],
  ])
  return {
    path: [aggregate, id, command],
    header: (name: string) => heads.get(name),
    body: encoder.encode(JSON.stringify(data ?? {})),
  }
}
