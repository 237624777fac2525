import { type MsgHdrs, type NatsConnection, headers } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { HeadwaterError } from '../../streams/errors.ts'
import { type Requester, createRequester } from '../../streams/log/requester.ts'
import { commandSubject, isToken } from '../../streams/events/subjects.ts'
import { z } from 'zod'
import type { CommandReply } from '../command.ts'
import type { CommandEnvelope, CommandSender } from './command-sender.ts'
import { untilAnswered } from './until-answered.ts'

/** The command does not fit into one message of this NATS server (`max_payload`). */
export class CommandTooLargeError extends HeadwaterError {
  constructor(bytes: number, limit: number) {
    super({
      code: 'COMMAND_TOO_LARGE',
      status: 413,
      detail: `The command takes ${bytes} bytes with its headers; the NATS server takes messages of at most ${limit}`,
    })
  }
}

const HEADERS_ALLOWANCE = 1024

/** What `createNatsSender` takes. */
export interface NatsSenderOptions {
  nc: NatsConnection
  namespace: string
  /** How long to go on trying, in milliseconds. */
  timeoutMs: number
  /** How long the end of a saga is waited for on top of that, where it is asked for. */
  waitTimeoutMs?: number
}

const position = z.object({ stream: z.string(), sequence: z.number() })
const event = z.object({ id: z.string(), type: z.string(), version: z.number(), time: z.string() })
const CommandReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    aggregate: z.string(),
    id: z.string(),
    version: z.number(),
    position,
    events: z.array(event),
    duplicate: z.boolean(),
    saga: z.object({ status: z.string() }).exactOptional(),
  }),
  z.object({
    ok: z.literal(false),
    status: z.number(),
    code: z.string(),
    title: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
    retryAfterMs: z.number().exactOptional(),
    actualVersion: z.number().exactOptional(),
    saga: z
      .object({ status: z.string(), step: z.string().exactOptional(), compensated: z.array(z.string()) })
      .exactOptional(),
  }),
])

/**
 * Sends commands over NATS request/reply. A command that got no answer, or 503, is sent again with the same command id
 * until the time is up: it is applied once.
 *
 * `send` throws InvalidIdError for an id that cannot stand in a subject, CommandTooLargeError for more than NATS carries,
 * CommandTimeoutError when nobody answered.
 *
 * @example
 * import { connect } from '@nats-io/transport-node'
 * const nc = await connect({ servers: process.env['NATS_URL'] ?? '127.0.0.1:4222' })
 * const sender = createNatsSender({ nc, namespace: 'hw', timeoutMs: 5000 })
 * const client = createCommandClient(sender, [counter])
 * await client.counter('c-3').add({ by: 1 })
 * await nc.close()
 */
export function createNatsSender({
  nc,
  namespace,
  timeoutMs,
  waitTimeoutMs = 0,
}: NatsSenderOptions): CommandSender {
  const requester = createRequester(nc)
  return {
    async send(envelope) {
      const commandId = envelope.commandId ?? randomUUID()
      const subject = subjectOf(namespace, envelope)
      const body = JSON.stringify(envelope.data ?? {})
      assertFits(nc, body)
      const head = requestHeaders(envelope, commandId)
      return await untilAnswered({
        commandId,
        ...(envelope.wait === undefined
          ? { timeoutMs }
          : // Whoever took the start answers with the end: he is asked once, for all of the time.
            { timeoutMs: timeoutMs + waitTimeoutMs, attemptMs: timeoutMs + waitTimeoutMs }),
        ask: (patience) => ask(requester, subject, body, head, patience),
        isClosed: () => nc.isClosed(),
      })
    },
  }
}

function assertFits(nc: NatsConnection, body: string): void {
  const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY
  const bytes = Buffer.byteLength(body) + HEADERS_ALLOWANCE
  if (bytes > limit) throw new CommandTooLargeError(bytes, limit)
}

/** The reply; undefined when none came, or one that is not of a Headwater service. */
async function ask(
  requester: Requester,
  subject: string,
  body: string,
  head: MsgHdrs,
  timeoutMs: number,
): Promise<CommandReply | undefined> {
  const answer = await requester.request(subject, body, head, timeoutMs)
  try {
    return answer && CommandReplySchema.parse(answer.json())
  } catch {
    return undefined
  }
}

function subjectOf(namespace: string, { aggregate, id, command }: CommandEnvelope): string {
  for (const token of [aggregate, command]) {
    if (isToken(token)) continue
    throw new HeadwaterError({
      code: 'UNKNOWN_COMMAND',
      status: 404,
      detail: `${JSON.stringify(token)} cannot be the name of an aggregate or a command`,
    })
  }
  return commandSubject(namespace, aggregate, id, command)
}

function requestHeaders(envelope: CommandEnvelope, commandId: string): MsgHdrs {
  const head = headers()
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined) head.set(name, `${value}`)
  }
  set('Command-Id', commandId)
  set('Correlation-Id', envelope.correlationId)
  set('Causation-Id', envelope.causationId)
  set('Expected-Version', envelope.expectedVersion)
  set('Occurred-At', envelope.occurredAt)
  set('traceparent', envelope.traceparent)
  set('Wait', envelope.wait)
  return head
}
