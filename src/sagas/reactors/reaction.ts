import { z } from 'zod'
import type { AddressedCommand } from '../../commands/definition/command-to.ts'
import { HeadwaterError } from '../../streams/errors.ts'

/** What comes of an event: commands, sent in this order, or nothing. */
export type Reaction = AddressedCommand | readonly AddressedCommand[] | undefined

const Command = z.object({ aggregate: z.string(), id: z.string(), command: z.string(), data: z.unknown() })
const Commands = z.array(Command)

/** A reactor's function has thrown, or answered something that is no command. */
export class ReactorFailedError extends HeadwaterError {
  constructor(reactor: string, type: string, why: string, cause?: unknown) {
    super({
      code: 'REACTOR_FAILED',
      status: 500,
      detail: `The reactor ${reactor} failed at ${type}: ${why}`,
      cause,
    })
  }
}

/** The commands in what a reactor's function answered. Throws ReactorFailedError. */
export function commandsOf(reactor: string, type: string, reaction: unknown): readonly AddressedCommand[] {
  if (reaction === undefined) return []
  const result = Commands.safeParse(Array.isArray(reaction) ? reaction : [reaction])
  if (result.success) return result.data
  throw new ReactorFailedError(
    reactor,
    type,
    `it answered what is neither a command (commandTo makes one) nor a list of them: ${result.error.message}`,
  )
}
