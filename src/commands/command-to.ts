import type { ZodType, input } from 'zod'
import { assertId } from '../streams/subjects.ts'

/** A command that a saga or a reactor has sent for it. */
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

/**
 * A command for an aggregate, its data checked by the compiler against the command's schema.
 *
 * @example
 * commandTo(order, 'o-1', 'cancel', { reason: 'out of stock' })
 * @throws InvalidIdError when the id cannot stand in a subject
 */
export function commandTo<Commands extends Record<string, ZodType>, Name extends keyof Commands & string>(
  { name: aggregate }: Addressee<Commands>,
  id: string,
  command: Name,
  data: input<Commands[Name]>,
): AddressedCommand {
  assertId(id)
  return { aggregate, id, command, data }
}
