import { within } from '../../streams/waiting/within.ts'
import type { Held } from '../actor/held.ts'
import type { Participant } from './enlisted.ts'

/** What has been asked of an actor: its aggregate is lent, it cannot be read, or it has not answered yet. */
interface Request {
  held?: Held
  error?: unknown
  /** Resolves with the answer, whichever it is. */
  settled: Promise<void>
  /** It kept a round waiting for longer than a round waits. */
  late: boolean
  /** A round has it, or has given it up. */
  used: boolean
}

/** How long a round waits for an actor that is still busy: one that asks a payment gateway takes seconds. */
const PATIENCE_MS = 100

/**
 * The aggregates that a coordinator holds, or has asked for. It alone holds several at a time, so that no two can wait for
 * each other. Who answers late keeps nobody else waiting: the round goes on without him, and what was asked stays asked.
 */
export class Holds {
  readonly #requests = new Map<string, Request>()
  readonly #borrow: (participant: Participant) => Promise<Held>
  readonly #onLateAnswer: () => void

  /** @param onLateAnswer is called when one answers that no round waits for any more */
  constructor(borrow: (participant: Participant) => Promise<Held>, onLateAnswer: () => void) {
    this.#borrow = borrow
    this.#onLateAnswer = onLateAnswer
  }

  /** Whether an actor was asked, kept a round waiting, and is still busy. */
  isAwaited(key: string): boolean {
    const request = this.#requests.get(key)
    return request !== undefined && request.late && !isSettled(request)
  }

  /** Asks for aggregates, and waits until all are lent or refused; not for the ones that are late. */
  async gather(participants: Iterable<Participant>): Promise<void> {
    const asked = Array.from(
      participants,
      (participant) => this.#requests.get(participant.key) ?? this.#ask(participant),
    )
    const waited = asked.filter((request) => !isSettled(request))
    if (waited.length > 0) await within(PATIENCE_MS, Promise.all(waited.map(({ settled }) => settled)))
    for (const request of asked) {
      request.used = isSettled(request)
      request.late = !request.used
    }
  }

  held(key: string): Held | undefined {
    return this.#requests.get(key)?.held
  }

  /** Why an aggregate cannot be had; undefined when it is lent, or its actor still busy. */
  failure(key: string): unknown {
    return this.#requests.get(key)?.error
  }

  /**
   * Gives back what a round has had. What is not lent yet stays asked for.
   * @param isWanted of what was lent too late for a round: whether the next one is to have it
   */
  releaseAll(isWanted: (key: string) => boolean): void {
    for (const [key, request] of this.#requests) {
      if (!isSettled(request) || (!request.used && isWanted(key))) continue
      this.#requests.delete(key)
      request.held?.release()
    }
  }

  #ask(participant: Participant): Request {
    const request: Request = { settled: Promise.resolve(), late: false, used: false }
    this.#requests.set(participant.key, request)
    request.settled = this.#settle(participant, request)
    return request
  }

  async #settle(participant: Participant, request: Request): Promise<void> {
    try {
      request.held = await this.#borrow(participant)
    } catch (error) {
      request.error = error ?? new Error('refused without a reason')
    }
    if (request.late) this.#onLateAnswer()
  }
}

const isSettled = ({ held, error }: Request) => held !== undefined || error !== undefined
