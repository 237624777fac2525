import { type Command, InvalidArgumentError } from 'commander'

/** Which parked events `retry` is for, as its options say. */
export interface RetryOptions {
  aggregate?: string
  id?: string
  all?: boolean
}

/** Everything, or what is parked of one aggregate. Ends the command with what is missing, unless it is one of the two. */
export function whichOf(
  { aggregate, id, all }: RetryOptions,
  command: Command,
): 'all' | { aggregate: string; id: string } {
  if (all && aggregate === undefined && id === undefined) return 'all'
  if (!all && aggregate !== undefined && id !== undefined) return { aggregate, id }
  return command.error('error: say which: --aggregate <type> --id <id>, or --all')
}

/** Where a parked event stands in its stream. */
export function sequenceOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new InvalidArgumentError('The sequence has to be a whole number: 1, 2, 3 …')
  return Number(text)
}
