import type { Command } from '../command.ts'
import { isConsulted, isSame } from './consult.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Letter } from './letter.ts'

export interface GroupLimits {
  mostCommands: number
  mostBytes: number
}

/**
 * Takes out of a mailbox what is decided together: the first commands of it, as many as may go into one commit. A command
 * that waits for the outside world goes alone, so that the others need not wait with it.
 */
export function takeGroup(
  mailbox: Letter[],
  aggregate: Aggregate,
  { mostCommands, mostBytes }: GroupLimits,
): Letter[] {
  let bytes = 0
  let size = 0
  for (const { command } of mailbox) {
    bytes += command.bytes
    if (isConsulted(aggregate, command)) {
      if (size === 0) return takeSame(mailbox, command, mostCommands)
      break
    }
    if (size >= mostCommands || (size > 0 && bytes > mostBytes)) break
    size++
  }
  return mailbox.splice(0, size)
}

/** A command as often as it has been sent by now: who repeats it, impatient, need not make the outside be asked again. */
function takeSame(mailbox: Letter[], command: Command, most: number): Letter[] {
  const same: Letter[] = []
  for (const letter of mailbox.splice(0))
    (same.length < most && isSame(letter.command, command) ? same : mailbox).push(letter)
  return same
}
