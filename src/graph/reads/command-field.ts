import { createHash, randomUUID } from 'node:crypto'
import type { ZodType } from 'zod'
import type { Resolver } from '../schema/define-graph.ts'
import { BadUserInputError } from '../errors.ts'

/** The arguments that a mutation for a command may have; the aggregate's id as well. */
export interface CommandArguments {
  input?: Record<string, unknown> | null
  commandId?: string | null
  expectedVersion?: number | null
  /** Of the start of a saga: answer when it has ended. */
  wait?: boolean | null
  [key: string]: unknown
}

/** What `command` takes besides. */
export interface CommandFieldOptions {
  /** The argument that has the id of the aggregate that the command is addressed to; `id` unless given. */
  key?: string
}

/**
 * The resolver of a mutation that sends a command and answers `CommandResult!`: `input` is the command's data. A field whose
 * value is null counts as not given.
 *
 * Without an `id` (the command makes a new aggregate) one is made up; from the `commandId`, if that is given, so that the
 * repeated request meets the same aggregate and is recognised as a duplicate.
 *
 * @example
 * const Mutation = { createOrder: command(order, 'create'), confirmOrder: command(order, 'confirm') }
 */
export function command<Commands extends Record<string, ZodType>>(
  aggregate: { readonly name: string; readonly commands: Commands },
  name: keyof Commands & string,
  options?: CommandFieldOptions,
): Resolver
/**
 * The same for a command over several aggregates.
 *
 * @example
 * const Mutation = { transfer: command(transfer, { key: 'from' }) }
 */
export function command(
  transaction: { readonly on: { readonly name: string }; readonly name: string },
  options?: CommandFieldOptions,
): Resolver
export function command(
  target: { readonly name: string; readonly on?: { readonly name: string } },
  nameOrOptions: string | CommandFieldOptions = {},
  options: CommandFieldOptions = {},
): Resolver {
  return typeof nameOrOptions === 'string'
    ? sending(target.name, nameOrOptions, options)
    : sending(target.on?.name ?? '', target.name, nameOrOptions)
}

function sending(aggregate: string, name: string, { key = 'id' }: CommandFieldOptions): Resolver {
  return async (
    _: unknown,
    { [key]: id, input, commandId, expectedVersion, wait }: CommandArguments,
    context,
  ) =>
    await context.send({
      aggregate,
      id: typeof id === 'string' ? id : newId(aggregate, commandId),
      command: name,
      data: Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value !== null)),
      ...(typeof commandId === 'string' && { commandId: checkedCommandId(commandId) }),
      ...(typeof expectedVersion === 'number' && { expectedVersion }),
      ...(wait === true && { wait: 'completed' }),
    })
}

function newId(aggregate: string, commandId: string | null | undefined): string {
  return typeof commandId === 'string' ? nameBasedId(`${aggregate}/${commandId}`) : randomUUID()
}

/** A UUID of the text: version 8, made of its SHA-256. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8 */
function nameBasedId(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/**
 * A command id as a client gives it: it becomes a header of the request on NATS, which a line break would end.
 * @throws BadUserInputError
 */
export function checkedCommandId(commandId: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(commandId)) return commandId
  throw new BadUserInputError('commandId', 'must be 1 to 200 visible ASCII characters')
}
