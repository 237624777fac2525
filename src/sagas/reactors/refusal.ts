import type { AddressedCommand } from '../../commands/definition/command-to.ts'
import { HeadwaterError } from '../../streams/errors.ts'

/** A command of a reaction was refused for good: with a 4xx other than 429, whether by its aggregate or before it was sent. */
export interface Refusal {
  readonly status: number
  /** Stable, upper snake case: `OUT_OF_STOCK`. */
  readonly code: string
  readonly detail: string
  /** The command that was refused. Those behind it were not sent. */
  readonly command: AddressedCommand
  /** Those before it, which were accepted, or refused with a code to be ignored. */
  readonly before: readonly AddressedCommand[]
}

/** A command of a reactor was refused, and the reactor does not say what to do then. */
export class ReactorCommandRefusedError extends HeadwaterError {
  readonly command: AddressedCommand
  /** What it was refused with, in the words of whoever refused it. */
  readonly detail: string

  constructor(
    command: AddressedCommand,
    { code, status, detail }: { code: string; status: number; detail: string },
  ) {
    const where = `${command.aggregate} ${command.id} ${command.command}`
    // 429 and 503 pass: what carries such a status is tried again.
    super({ code, status, detail: `${where} was refused: ${detail}` })
    this.command = command
    this.detail = detail
  }
}
