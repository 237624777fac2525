import type { Command, CommandReply } from '../command.ts'

/** A command in an actor's mailbox, and where its answer goes. */
export interface Letter {
  command: Command
  answer: (reply: CommandReply) => void
}
