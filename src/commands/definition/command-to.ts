import type { ZodType, input } from 'zod'
import { assertId } from '../../streams/events/subjects.ts'

/** A command that a saga or a reactor has sent for it. `commandTo` makes one whose data the compiler has checked. */
export interface AddressedCommand {
  readonly aggregate: string
  readonly id: string
  readonly command: string
  readonly data: unknown
}

interface Addressee<Commands extends Record<string, ZodType>> {
  readonly name: string
  readonly commands: Commands
}

interface Negotiated<Schema extends ZodType> {
  readonly name: string
  /** The aggregate that it is addressed to. */
  readonly on: { readonly name: string }
  readonly data: Schema
}

/**
 * A command for an aggregate, its data checked by the compiler against the command's schema.
 *
 * @example
 * commandTo(order, 'o-1', 'cancel', { reason: 'out of stock' })
 * @throws InvalidIdError when the id cannot stand in a subject
 */
export function commandTo<Commands extends Record<string, ZodType>, Name extends keyof Commands & string>(
  aggregate: Addressee<Commands>,
  id: string,
  command: Name,
  data: input<Commands[Name]>,
): AddressedCommand
/**
 * A command over several aggregates; the id is that of the aggregate that it is addressed to.
 *
 * @example
 * commandTo(transfer, 'a-1', { to: 'a-2', amount: 1250 })
 * @throws InvalidIdError when the id cannot stand in a subject
 */
export function commandTo<Schema extends ZodType>(
  transaction: Negotiated<Schema>,
  id: string,
  data: input<Schema>,
): AddressedCommand
export function commandTo(
  { name, on }: { readonly name: string; readonly on?: { readonly name: string } },
  id: string,
  ...rest: [command: string, data: unknown] | [data: unknown]
): AddressedCommand {
  assertId(id)
  if (on) return { aggregate: on.name, id, command: name, data: rest[0] }
  const [command, data] = rest
  return { aggregate: name, id, command: String(command), data }
}
