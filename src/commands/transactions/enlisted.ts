import type { Command, CommandReply } from '../command.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Transaction } from '../definition/define-transaction.ts'

/** Who takes part in a transaction. */
export interface Participant {
  role: string
  /** `account.a-1`: tells aggregates of a log apart. */
  key: string
  aggregate: Aggregate
  id: string
}

/** A transaction that waits for its round. */
export interface Enlisted {
  command: Command
  transaction: Transaction
  /** In the order of the roles; no two are the same aggregate. */
  participants: readonly Participant[]
  answer: (reply: CommandReply) => void
  /** When it is given up if others keep writing first, in milliseconds since 1970. */
  deadline: number
  /** How often it was decided for nothing, since another replica wrote first. */
  conflicts: number
}

/** The aggregate that the command was addressed to, if it takes part. */
export const addressed = ({ command, participants }: Enlisted): Participant | undefined =>
  participants.find(({ aggregate, id }) => aggregate.name === command.aggregate && id === command.id)
