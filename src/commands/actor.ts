import { lastVersion } from '../streams/commit.ts'
import type { CloudEvent } from '../streams/cloud-event.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { CommitTooLargeError, ConflictError } from '../streams/log-errors.ts'
import { type ActivationOptions, SHORT_HISTORY, type Loaded, activate, catchUp } from './activation.ts'
import type { Command, CommandAccepted, CommandReply } from './command.ts'
import { type Consultations, isConsulted } from './consult.ts'
import { type Outcome, decideGroup } from './decide-group.ts'
import type { Held, StoredResult } from './held.ts'
import { type Problem, problem, problemOf } from './problem.ts'
import { takeGroup } from './take-group.ts'

export interface ActorSettings {
  /** How many commands may wait for one aggregate. */
  mailboxLimit: number
  /** How many commands may be decided together, and how many bytes their bodies may have together. */
  groupMaxCommands: number
  groupMaxBytes: number
  /** How often a group is decided again because another replica wrote first. */
  conflictRetries: number
  /** A snapshot is due after this many versions. */
  snapshotEvery: number
}

export interface ActorContext extends ActivationOptions {
  subject: string
  id: string
  /** `/<namespace>/<context>/<aggregate>`, the source of its events. */
  source: string
  settings: ActorSettings
  /** Asks the outside world for the commands that are decided with its answer. */
  consultations: Consultations
  /** Hears of what went wrong inside: bugs in deciders, a log that cannot be read. */
  onError: (error: unknown, what: string) => void
  /** A snapshot is due. */
  onSnapshotDue: (loaded: Loaded) => void
}

interface Letter {
  command: Command
  answer: (reply: CommandReply) => void
}

/** Somebody who wants the aggregate for himself for a while. */
interface Borrower {
  lend: (held: Held) => void
  refuse: (error: unknown) => void
}

/**
 * The owner of one aggregate in this process. Its mailbox is drained in groups: all that waits is decided in order and
 * goes out as one commit, so that a hot aggregate gets faster under load. What another replica writes meanwhile is met
 * by the commit's expectation; the group is then decided again on what is really there.
 */
export class Actor {
  readonly #context: ActorContext
  readonly #mailbox: Letter[] = []
  #loaded: Loaded | undefined
  #borrower: Borrower | undefined
  #draining = false

  constructor(context: ActorContext) {
    this.#context = context
  }

  get idle(): boolean {
    return !this.#draining
  }

  /**
   * It leaves memory. What would take a read of the log for each commit to have it back gets a snapshot: the commits of one
   * aggregate lie far apart in a large stream.
   */
  passivate(): void {
    const loaded = this.#loaded
    if (!loaded || loaded.version - loaded.snapshotVersion <= SHORT_HISTORY) return
    loaded.snapshotVersion = loaded.version
    this.#context.onSnapshotDue(loaded)
  }

  /**
   * Puts a command into the mailbox; false when it is full.
   * @param onIdle is called once the mailbox is empty again
   */
  submit(command: Command, answer: Letter['answer'], onIdle: () => void): boolean {
    if (this.#mailbox.length >= this.#context.settings.mailboxLimit) return false
    this.#mailbox.push({ command, answer })
    this.#start(onIdle)
    return true
  }

  /**
   * Asks for the aggregate: after the group that is in work it is lent out, and no command is handled until it is given back.
   * After that a group has its turn, however soon it is asked for again. One borrower at a time.
   *
   * @throws what activation throws, when the aggregate cannot be read
   */
  borrow(onIdle: () => void): Promise<Held> {
    return new Promise((resolve, reject) => {
      if (this.#borrower) throw new TypeError(`${this.#context.subject} is asked for already`)
      this.#borrower = { lend: resolve, refuse: reject }
      this.#start(onIdle)
    })
  }

  #start(onIdle: () => void): void {
    if (this.#draining) return
    this.#draining = true
    // Everything that arrived in the same read from the socket joins the first group.
    queueMicrotask(() => void this.#drain().finally(onIdle))
  }

  async #drain(): Promise<void> {
    // How many letters are handled one by one, after they failed together.
    let alone = 0
    while (this.#mailbox.length > 0 || this.#borrower) {
      await this.#lend()
      if (this.#mailbox.length === 0) continue
      const { groupMaxCommands, groupMaxBytes: mostBytes } = this.#context.settings
      const mostCommands = alone > 0 ? 1 : groupMaxCommands
      const group = takeGroup(this.#mailbox, this.#context.aggregate, { mostCommands, mostBytes })
      alone = Math.max(0, alone - 1)
      try {
        await this.#handle(group)
      } catch (error) {
        // What is in memory may not be what is in the log any more: the next command reads it again.
        this.#loaded = undefined
        // The fault of one command (too many events, or events that JSON cannot carry) is not that of the others.
        const ofOne = error instanceof CommitTooLargeError || !(error instanceof HeadwaterError)
        if (ofOne && group.length > 1) {
          this.#mailbox.unshift(...group)
          alone = group.length
          continue
        }
        const reply = problemOf(error)
        if (reply.status === 500) this.#context.onError(error, 'a group of commands failed')
        for (const { answer } of group) answer(reply)
      }
    }
    this.#draining = false
  }

  async #lend(): Promise<void> {
    const borrower = this.#borrower
    if (!borrower) return
    this.#borrower = undefined
    try {
      const { subject, id } = this.#context
      const loaded = (this.#loaded ??= await activate(subject, id, this.#context))
      await new Promise<void>((resolve) => borrower.lend(this.#held(loaded, resolve)))
    } catch (error) {
      borrower.refuse(error)
    }
  }

  #held(loaded: Loaded, release: () => void): Held {
    const { aggregate, id, subject, source, log } = this.#context
    const isCurrent = async () => (await log.leaderSequence(subject)) === loaded.sequence
    return {
      aggregate,
      id,
      subject,
      source,
      loaded,
      isCurrent,
      catchUp: async () => {
        if (!(await isCurrent())) await catchUp(subject, id, loaded, this.#context)
      },
      stored: (result) => this.#stored(loaded, result),
      release,
      forget: () => {
        this.#loaded = undefined
        release()
      },
    }
  }

  /** Answers every letter of the group, or throws before any that is still in it was answered. */
  async #handle(group: Letter[]): Promise<void> {
    const { subject, id, aggregate, log, settings, source, onError } = this.#context
    this.#loaded ??= await activate(subject, id, this.#context)
    const loaded = this.#loaded
    const consult = await this.#consultation(group, loaded)
    for (let attempt = 0; ; attempt++) {
      await this.#answerRepeated(group, loaded)
      if (group.length === 0) return
      const commands = group.map(({ command }) => command)
      const answer = await consult?.()
      const decision = decideGroup(aggregate, { source, id, ...loaded, answer }, commands, (error, command) =>
        onError(error, `the decider of ${aggregate.name} failed on ${command.name}`),
      )
      let sequence = loaded.sequence
      try {
        if (decision.events.length === 0) await this.#assertCurrent(loaded)
        else sequence = await log.append({ subject, expected: sequence, events: decision.events })
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        if (attempt >= settings.conflictRetries) {
          for (const { answer } of group.splice(0)) answer(contention(aggregate.name, id))
          return
        }
        await catchUp(subject, id, loaded, this.#context)
        continue
      }
      this.#stored(loaded, { ...decision, sequence })
      for (const [index, { answer }] of group.splice(0).entries()) {
        const outcome = decision.outcomes[index]
        if (outcome) answer(this.#reply(outcome, decision.events, sequence))
      }
      return
    }
  }

  #stored(loaded: Loaded, { events, state, version, sequence }: StoredResult): void {
    loaded.state = state
    loaded.version = version
    loaded.sequence = sequence
    const recordedAt = Date.now()
    for (const { commandid } of events) loaded.recent.add(commandid, sequence, recordedAt)
    if (version - loaded.snapshotVersion < this.#context.settings.snapshotEvery) return
    loaded.snapshotVersion = version
    this.#context.onSnapshotDue(loaded)
  }

  /**
   * How the command of this group asks the outside world, if it does: about what the log has now, and not about what this
   * replica last saw, for what is asked there may cost money.
   */
  async #consultation(group: Letter[], loaded: Loaded): Promise<(() => Promise<unknown>) | undefined> {
    const { aggregate, consultations, log, subject, id } = this.#context
    const command = group[0]?.command
    if (!command || !isConsulted(aggregate, command)) return undefined
    if ((await log.leaderSequence(subject)) !== loaded.sequence)
      await catchUp(subject, id, loaded, this.#context)
    const deadline = consultations.deadline()
    return async () => {
      const { expectedVersion } = command
      if (expectedVersion !== undefined && expectedVersion !== loaded.version) return undefined
      return await consultations.ask(aggregate, command, loaded.state, deadline)
    }
  }

  /** A refusal must rest on what the leader has, not on what this replica last saw. */
  async #assertCurrent({ sequence }: Loaded): Promise<void> {
    const { log, subject } = this.#context
    if ((await log.leaderSequence(subject)) !== sequence) throw new ConflictError(subject, sequence)
  }

  /** Takes the commands that the log already holds out of the group and gives them their first answer again. */
  async #answerRepeated(group: Letter[], loaded: Loaded): Promise<void> {
    for (const letter of group.filter(({ command }) => loaded.recent.find(command.commandId).length > 0)) {
      const { commandId } = letter.command
      for (const sequence of loaded.recent.find(commandId)) {
        const commit = await this.#context.log.read.at(sequence)
        const events = commit?.events.filter(({ commandid }) => commandid === commandId) ?? []
        if (!commit || events.length === 0) continue
        letter.answer(this.#accepted(events, sequence, lastVersion({ events }), true))
        group.splice(group.indexOf(letter), 1)
        break
      }
    }
  }

  #reply(outcome: Outcome, events: CloudEvent[], sequence: number): CommandReply {
    if (outcome.kind === 'refused') return outcome.problem
    if (outcome.kind === 'accepted') {
      return this.#accepted(events.slice(outcome.from, outcome.to), sequence, outcome.version, false)
    }
    const first = this.#reply(outcome.of, events, sequence)
    return first.ok ? { ...first, duplicate: true } : first
  }

  #accepted(events: CloudEvent[], sequence: number, version: number, duplicate: boolean): CommandAccepted {
    return {
      ok: true,
      aggregate: this.#context.aggregate.name,
      id: this.#context.id,
      version,
      position: { stream: this.#context.log.stream, sequence },
      events: events.map(({ id, type, sequence: eventVersion, time }) => ({
        id,
        type,
        version: eventVersion,
        time,
      })),
      duplicate,
    }
  }
}

function contention(aggregate: string, id: string): Problem {
  return problem({
    status: 503,
    code: 'CONTENTION',
    detail: `${aggregate} ${id} is being written by others too often at this moment; send the command again`,
    retryAfterMs: 50,
  })
}
