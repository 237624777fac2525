import { randomUUID } from 'node:crypto'
import { type ZodType, z } from 'zod'
import { HeadwaterError, type InputError } from '../../streams/errors.ts'
import { assertId } from '../../streams/events/subjects.ts'
import type { Command } from '../command.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Transactions } from '../definition/define-transaction.ts'
import { MOST_ERRORS, bounded, extended } from './input-errors.ts'
import { unstorableTexts } from './unstorable-text.ts'

/** A command as it came in: the parts of its subject, its headers, its body. */
export interface CommandRequest {
  /** What follows `<namespace>.cmd.` in the subject. */
  path: string[]
  header: (name: string) => string | undefined
  body: Uint8Array
}

export class CommandRequestError extends HeadwaterError {}

/**
 * Turns a request into a command, or says everything that is wrong with it.
 * @throws CommandRequestError 400, 404 or 413; InvalidIdError 400
 */
export function parseCommand(
  { path, header, body }: CommandRequest,
  aggregates: ReadonlyMap<string, Aggregate>,
  bodyLimit: number,
  transactions: ReadonlyMap<string, Transactions> = new Map(),
): Command {
  const [aggregateName = '', id = '', ...rest] = path
  const aggregate = aggregates.get(aggregateName)
  if (!aggregate) {
    throw new CommandRequestError({
      status: 404,
      code: 'UNKNOWN_AGGREGATE',
      detail: `There is no aggregate ${quote(aggregateName)}; there are ${[...aggregates.keys()].join(', ')}`,
    })
  }
  if (path.length < 3) {
    throw new CommandRequestError({
      status: 404,
      code: 'UNKNOWN_COMMAND',
      detail: `The subject has to end in ${aggregateName}.<id>.<command>; its id or its command is missing`,
    })
  }
  assertId(path.length > 3 ? path.slice(1, -1).join('.') : id)
  const name = rest.at(-1) ?? ''
  const over = transactions.get(aggregateName)
  const schema = Object.hasOwn(aggregate.commands, name) ? aggregate.commands[name] : over?.get(name)?.data
  if (!schema) {
    throw new CommandRequestError({
      status: 404,
      code: 'UNKNOWN_COMMAND',
      detail: `${aggregateName} has no command ${quote(name)}; it has ${[...Object.keys(aggregate.commands), ...(over?.keys() ?? [])].join(', ')}`,
    })
  }
  if (body.length > bodyLimit) {
    throw new CommandRequestError({
      status: 413,
      code: 'COMMAND_TOO_LARGE',
      detail: `The body has ${body.length} bytes; at most ${bodyLimit} are taken`,
    })
  }
  const data = parseData(schema, parseBody(body))
  return { aggregate: aggregateName, id, name, data, bytes: body.length, ...parseHeaders(header, aggregate) }
}

function parseBody(body: Uint8Array): unknown {
  // No body says the same as an empty object: `nats request hw.cmd.order.o-1.confirm ''`.
  if (body.length === 0) return {}
  const [json, data] = decodeJson(body)
  const errors = unstorableTexts(json, data)
  if (errors.length > 0) throw invalid('INVALID_COMMAND', 'The data cannot be stored', errors)
  return data
}

function decodeJson(body: Uint8Array): [json: string, data: unknown] {
  try {
    const json = utf8.decode(body)
    return [json, JSON.parse(json)]
  } catch {
    throw new CommandRequestError({
      status: 400,
      code: 'MALFORMED_JSON',
      detail: "The body is not JSON in UTF-8; it has to be the command's data",
      errors: [{ path: '', message: 'not JSON' }],
    })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseData(schema: ZodType, body: unknown): unknown {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw invalid('INVALID_COMMAND', 'The data does not fit the command', issues(result.error))
}

const VISIBLE = /^[\x21-\x7e]{1,200}$/
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
/** In UTC within the years 1 to 9999: ISO 8601 writes others with a sign, which PostgreSQL does not read. */
const instant = z.iso.datetime({ offset: true }).refine((text) => {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999
})

function parseHeaders(header: CommandRequest['header'], { name, happensNow = false }: Aggregate) {
  const errors: InputError[] = []
  const identifier = (name: string) => {
    const value = header(name)
    if (value !== undefined && !VISIBLE.test(value)) {
      errors.push({ path: name, message: 'must be 1 to 200 visible ASCII characters' })
    }
    return value
  }
  const commandId = identifier('Command-Id') ?? randomUUID()
  const correlationId = identifier('Correlation-Id') ?? commandId
  const causationId = identifier('Causation-Id') ?? commandId
  const expected = header('Expected-Version')
  if (expected !== undefined && !/^\d{1,15}$/.test(expected)) {
    errors.push({
      path: 'Expected-Version',
      message: 'must be a whole number, 0 for an aggregate without events',
    })
  }
  const occurredAt = header('Occurred-At')
  if (occurredAt !== undefined && !instant.safeParse(occurredAt).success) {
    errors.push({
      path: 'Occurred-At',
      message: 'must be an ISO 8601 time with its offset, 2026-01-31T10:00:00Z',
    })
  }
  if (occurredAt !== undefined && happensNow) {
    errors.push({
      path: 'Occurred-At',
      message: `cannot be given for ${name}: it happens when it is recorded`,
    })
  }
  if (errors.length > 0) throw invalid('INVALID_HEADER', 'A header is not valid', errors)
  const traceparent = header('traceparent')
  return {
    commandId,
    correlationId,
    causationId,
    expectedVersion: expected === undefined ? undefined : Number(expected),
    time: (occurredAt === undefined ? new Date() : new Date(occurredAt)).toISOString(),
    // An invalid one is to be ignored: https://www.w3.org/TR/trace-context/#traceparent-header
    traceparent: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : undefined,
  }
}

function invalid(code: string, what: string, all: readonly InputError[]): CommandRequestError {
  const errors = bounded(all)
  const list = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  return new CommandRequestError({ status: 400, code, detail: `${what}: ${list}`, errors })
}

function issues(error: z.ZodError): InputError[] {
  const told = error.issues.slice(0, MOST_ERRORS + 1)
  return told.map(({ path, message }) => ({
    path: path.reduce<string>((whole, name) => extended(whole, String(name)), ''),
    message,
  }))
}

const quote = (text: string) => JSON.stringify(text.slice(0, 140))
