import type { EventLog } from '../../streams/log/event-log.ts'
import type { Command, CommandReply } from '../command.ts'
import type { Transaction } from '../definition/define-transaction.ts'
import { overloaded, problemOf } from '../problem.ts'
import { Coordinator, type CoordinatorOptions } from './coordinator.ts'
import { participantsOf } from './participants-of.ts'

/** The coordinators of a process, one a log: it alone holds several actors at a time. */
export class Coordinators {
  readonly #options: Omit<CoordinatorOptions, 'log'>
  readonly #byLog = new Map<EventLog, Coordinator>()

  constructor(options: Omit<CoordinatorOptions, 'log'>) {
    this.#options = options
  }

  /** Hands a command over several aggregates to the coordinator of their log. Answers it exactly once. */
  submit(
    transaction: Transaction,
    log: EventLog,
    command: Command,
    answer: (reply: CommandReply) => void,
  ): void {
    const { settings, onError } = this.#options
    try {
      const participants = participantsOf(transaction, command)
      if (this.#of(log).submit({ command, transaction, participants, answer })) return
      answer(
        overloaded('MAILBOX_FULL', `${settings.mailboxLimit} transactions wait in ${log.stream} already`),
      )
    } catch (error) {
      const reply = problemOf(error)
      if (reply.status === 500)
        onError(error, `the participants of ${command.aggregate}.${command.name} could not be told`)
      answer(reply)
    }
  }

  #of(log: EventLog): Coordinator {
    const coordinator = this.#byLog.get(log) ?? new Coordinator({ ...this.#options, log })
    this.#byLog.set(log, coordinator)
    return coordinator
  }
}
