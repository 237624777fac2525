import { HeadwaterError } from '../../streams/errors.ts'
import { CommitTooLargeError } from '../../streams/log-errors.ts'
import { SHORT_HISTORY, type Loaded, activate, catchUp } from './activation.ts'
import type { ActorContext } from './actor-context.ts'
import type { Command } from '../command.ts'
import type { Held, StoredResult } from './held.ts'
import type { Letter } from './letter.ts'
import { problemOf } from '../problem.ts'
import { runGroup } from './run-group.ts'
import { takeGroup } from './take-group.ts'

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

  async #handle(group: Letter[]): Promise<void> {
    const { subject, id } = this.#context
    const loaded = (this.#loaded ??= await activate(subject, id, this.#context))
    await runGroup(group, loaded, this.#context, (result) => this.#stored(loaded, result))
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
}
