import { setTimeout as delay } from 'node:timers/promises'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { ConflictError } from '../../streams/log-errors.ts'
import { within } from '../../streams/waiting/within.ts'
import type { Held } from '../actor/held.ts'
import { problem, problemOf } from '../problem.ts'
import type { Enlisted, Participant } from './enlisted.ts'
import { findFirstAnswer } from './find-first-answer.ts'
import { Holds } from './holds.ts'
import { runRound } from './run-round.ts'
import { type RoundSize, takeRound } from './take-round.ts'

export interface CoordinatorSettings {
  /** How many transactions may wait. */
  mailboxLimit: number
  /** How many are decided together at most, and how many bytes their bodies may have together. */
  groupMaxCommands: number
  groupMaxBytes: number
  /** For how long one is tried again while others write first, in milliseconds. */
  timeoutMs: number
}

export interface CoordinatorOptions {
  log: EventLog
  /** Asks the actor of an aggregate for it. */
  borrow: (participant: Participant) => Promise<Held>
  settings: CoordinatorSettings
  onError: (error: unknown, what: string) => void
}

/** So many aggregates a round: nats-server takes 1,000 messages in an atomic batch unless configured otherwise. */
const MOST_AGGREGATES = 256
/** After a conflict so many rounds look at the log before they decide: another replica works on the same aggregates. */
const WARY_ROUNDS = 16
const LONGEST_PAUSE_MS = 32
/** How often those who wait for a busy actor are looked at: their time may be up. */
const AWAITED_MS = 500

/**
 * Takes the transactions of one log in rounds: of all that wait, as many as fit are decided in order, each against what the
 * ones before it leave, and go out as one atomic batch, which takes 1 ms whatever its size. For that the actors of all
 * aggregates involved are held. Between two rounds each actor handles a group of its own commands, and after each group it
 * lends itself to a round that asks: neither keeps the other waiting for longer than one turn.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions
  readonly #holds: Holds
  #waiting: Enlisted[] = []
  #draining = false
  #wake: () => void = () => undefined
  /** How many transactions the next round may have: less after a conflict, so that it is over sooner. */
  #limit: number
  /** How many of the next go one by one, after they failed together. */
  #alone = 0
  #wary = 0
  #conflictsInARow = 0

  constructor(options: CoordinatorOptions) {
    this.#options = options
    this.#limit = options.settings.groupMaxCommands
    this.#holds = new Holds(options.borrow, () => {
      this.#wake()
      if (!this.#draining) this.#release()
    })
  }

  /** Puts a transaction among those that wait; false when there are too many. It is answered exactly once. */
  submit(one: Pick<Enlisted, 'command' | 'transaction' | 'participants' | 'answer'>): boolean {
    const { mailboxLimit, timeoutMs } = this.#options.settings
    if (this.#waiting.length >= mailboxLimit) return false
    this.#waiting.push({ ...one, deadline: Date.now() + timeoutMs, conflicts: 0 })
    this.#wake()
    if (!this.#draining) {
      this.#draining = true
      // Everything that arrived in the same read from the socket joins the first round.
      queueMicrotask(() => void this.#drain())
    }
    return true
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#giveUp()
      const round = this.#take()
      if (round.length === 0) {
        this.#release()
        await this.#somethingNew()
        continue
      }
      try {
        await this.#run(await this.#gather(round))
      } catch (error) {
        this.#options.onError(error, 'a round of transactions failed')
      } finally {
        this.#release()
      }
    }
    this.#release()
    this.#draining = false
  }

  #release(): void {
    this.#holds.releaseAll((key) =>
      this.#waiting.some(({ participants }) => participants.some((each) => each.key === key)),
    )
  }

  #take(): Enlisted[] {
    const { groupMaxBytes } = this.#options.settings
    const size: RoundSize = {
      transactions: this.#alone > 0 ? 1 : this.#limit,
      aggregates: MOST_AGGREGATES,
      bytes: groupMaxBytes,
    }
    const { taken, left } = takeRound(this.#waiting, size, (key) => this.#holds.isAwaited(key))
    this.#waiting = left
    return taken
  }

  /** All that wait need an actor that is busy for long. */
  async #somethingNew(): Promise<void> {
    await within(AWAITED_MS, new Promise<void>((resolve) => (this.#wake = resolve)))
  }

  /** Whom others were before for too long, and who waits for a busy actor for too long. */
  #giveUp(): void {
    const now = Date.now()
    const isOver = ({ deadline, conflicts, participants }: Enlisted) =>
      deadline <= now && (conflicts > 0 || participants.some(({ key }) => this.#holds.isAwaited(key)))
    const over = this.#waiting.filter(isOver)
    if (over.length === 0) return
    this.#waiting = this.#waiting.filter((one) => !over.includes(one))
    for (const one of over) one.answer(contention(one))
  }

  /** Those whose aggregates are all held. The others wait on, or hear why theirs cannot be had. */
  async #gather(round: Enlisted[]): Promise<Enlisted[]> {
    await this.#holds.gather(new Map(participantsOf(round)).values())
    const ready: Enlisted[] = []
    const late: Enlisted[] = []
    for (const one of round) {
      const failed = one.participants.find(({ key }) => this.#holds.failure(key) !== undefined)
      if (failed) this.#answerFailure([one], this.#holds.failure(failed.key))
      else if (one.participants.every(({ key }) => this.#holds.held(key))) ready.push(one)
      else late.push(one)
    }
    this.#waiting.unshift(...late)
    return ready
  }

  async #run(round: Enlisted[]): Promise<void> {
    if (round.length === 0) return
    const { log, onError } = this.#options
    const held = new Map(
      participantsOf(round).flatMap(([key]) => {
        const one = this.#holds.held(key)
        return one ? [[key, one]] : []
      }),
    )
    // What is answered goes out of the round: whatever fails later is not its matter.
    const left = new Set(round)
    try {
      if (this.#wary > 0) await Promise.all([...held.values()].map((one) => one.catchUp()))
      await this.#answerRepeated(left, held)
      const answers = await runRound([...left], held, log, (error, { aggregate, name }) =>
        onError(error, `the decider of ${aggregate}.${name} failed`),
      )
      for (const [one, reply] of answers) one.answer(reply)
      this.#succeeded()
    } catch (error) {
      if (error instanceof ConflictError) await this.#putBack([...left])
      else this.#failed([...left], [...held.values()], error)
    }
  }

  /**
   * Gives those that the log holds already their first answer, and takes them out of the round. To find one, its aggregates
   * are read on, and with them what others of the round had looked new to: all that are left are looked at again.
   */
  async #answerRepeated(left: Set<Enlisted>, held: ReadonlyMap<string, Held>): Promise<void> {
    for (let before = Number.POSITIVE_INFINITY; left.size < before;) {
      before = left.size
      for (const one of left) {
        if (one.participants.every(({ key }) => isNew(held.get(key), one))) continue
        const first = await findFirstAnswer(one, held, this.#options.log)
        if (!first) continue
        left.delete(one)
        one.answer(first)
      }
    }
  }

  #succeeded(): void {
    this.#limit = Math.min(this.#limit * 2, this.#options.settings.groupMaxCommands)
    this.#wary = Math.max(0, this.#wary - 1)
    this.#alone = Math.max(0, this.#alone - 1)
    this.#conflictsInARow = 0
  }

  /** Another replica was first: the same again, in rounds of half the size, which meet fewer others. */
  async #putBack(round: Enlisted[]): Promise<void> {
    for (const one of round) one.conflicts++
    this.#waiting.unshift(...round)
    this.#limit = Math.max(1, Math.floor(round.length / 2))
    this.#wary = WARY_ROUNDS
    this.#release()
    const longest = Math.min(2 ** this.#conflictsInARow++, LONGEST_PAUSE_MS)
    await delay(Math.random() * longest)
  }

  #failed(round: Enlisted[], held: Held[], error: unknown): void {
    // What is in memory may not be what is in the log any more.
    for (const one of held) one.forget()
    // The fault of one (too many events, such as JSON cannot carry, a history that cannot be read) is not that of the others.
    const ofOne = !(error instanceof HeadwaterError && error.status === 503)
    if (ofOne && round.length > 1) {
      this.#waiting.unshift(...round)
      this.#alone = round.length
      return
    }
    this.#alone = Math.max(0, this.#alone - 1)
    this.#answerFailure(round, error)
  }

  #answerFailure(round: Enlisted[], error: unknown): void {
    const reply = problemOf(error)
    if (reply.status === 500) this.#options.onError(error, 'transactions failed')
    for (const one of round) one.answer(reply)
  }
}

const participantsOf = (round: readonly Enlisted[]): [string, Participant][] =>
  round.flatMap(({ participants }) => participants.map((each): [string, Participant] => [each.key, each]))

const isNew = (held: Held | undefined, { command }: Enlisted) =>
  held?.loaded.recent.find(command.commandId).length === 0

function contention({ command: { aggregate, id, name } }: Enlisted) {
  return problem({
    status: 503,
    code: 'CONTENTION',
    detail: `The aggregates of ${aggregate} ${id} ${name} are busy, or written by others too often, at this moment; send the command again`,
    retryAfterMs: 50,
  })
}
