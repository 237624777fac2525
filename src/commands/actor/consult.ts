import { isDeepStrictEqual } from 'node:util'
import { HeadwaterError } from '../../streams/errors.ts'
import type { Command } from '../command.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'

export interface ConsultSettings {
  /** How long a command may wait for what the outside world says, in milliseconds. */
  consultTimeoutMs: number
  /** How many commands of a process may wait for it at the same time. */
  consultLimit: number
}

/** Whoever is asked did not answer in time. What he does with the question is not known; the same command asks again. */
class ConsultTimeoutError extends HeadwaterError {
  constructor({ aggregate, name }: Command, timeoutMs: number) {
    super({
      code: 'CONSULT_TIMEOUT',
      status: 503,
      detail: `What ${aggregate}.${name} has to ask outside was not answered within ${timeoutMs} ms; send the command again with the same Command-Id`,
      retryAfterMs: 1000,
    })
  }
}

/** Asking failed. The cause is for the log, not for a client: it may hold addresses. */
class ConsultFailedError extends HeadwaterError {
  constructor({ aggregate, name }: Command, cause: unknown) {
    super({
      code: 'CONSULT_FAILED',
      status: 503,
      detail: `What ${aggregate}.${name} has to ask outside could not be asked; send the command again with the same Command-Id`,
      retryAfterMs: 1000,
      cause,
    })
  }
}

class ConsultOverloadedError extends HeadwaterError {
  constructor(limit: number) {
    super({
      code: 'CONSULT_OVERLOADED',
      status: 503,
      detail: `${limit} commands wait for an answer from outside already; send the command again in a moment`,
      retryAfterMs: 200,
    })
  }
}

/** Asks the outside world on behalf of commands, so many at a time and so long each. */
export interface Consultations {
  /**
   * What the aggregate's `consult` says to the command.
   *
   * @param deadline of the command, whatever number of times it asks: see `deadline()`
   * @throws ConsultTimeoutError 503, ConsultFailedError 503, ConsultOverloadedError 503; a HeadwaterError as it was thrown
   */
  ask(aggregate: Aggregate, command: Command, state: unknown, deadline: AbortSignal): Promise<unknown>
  /** The time that one command has, from now. */
  deadline(): AbortSignal
}

/** Whether the decider of this command gets to hear what the outside world says. */
export function isConsulted({ consultations }: Aggregate, { name }: Pick<Command, 'name'>): boolean {
  return consultations.has(name)
}

/** Whether one is the other again: an id alone does not tell, for a client may have used it twice. */
export function isSame(one: Command, other: Command): boolean {
  return (
    one.commandId === other.commandId &&
    one.name === other.name &&
    one.expectedVersion === other.expectedVersion &&
    isDeepStrictEqual(one.data, other.data)
  )
}

/** @param onError hears why asking failed */
export function createConsultations(
  { consultTimeoutMs, consultLimit }: ConsultSettings,
  onError: (error: unknown, what: string) => void,
): Consultations {
  let asking = 0

  async function ask(aggregate: Aggregate, command: Command, state: unknown, signal: AbortSignal) {
    const consult = aggregate.consultations.get(command.name)
    if (!consult) throw new TypeError(`${aggregate.name} asks nobody about ${command.name}`)
    // Another replica was first, and the question has taken all of the time already: nobody would hear the answer.
    if (signal.aborted) throw new ConsultTimeoutError(command, consultTimeoutMs)
    if (asking >= consultLimit) throw new ConsultOverloadedError(consultLimit)
    asking++
    const { id, commandId, data } = command
    const timeUp = listenForEnd(signal)
    try {
      return await Promise.race([consult(state, data, { id, commandId, signal }), timeUp.promise])
    } catch (error) {
      if (signal.aborted) throw new ConsultTimeoutError(command, consultTimeoutMs)
      if (error instanceof HeadwaterError) throw error
      onError(error, `what ${aggregate.name}.${command.name} asks outside could not be asked`)
      throw new ConsultFailedError(command, error)
    } finally {
      timeUp.forget()
      asking--
    }
  }

  return { ask, deadline: () => AbortSignal.timeout(consultTimeoutMs) }
}

/**
 * A promise that rejects when the signal aborts. Whoever is asked may not listen to it: nobody waits for him longer. To be
 * forgotten once he has answered, for the signal outlives that by seconds, and a busy service asks thousands in these.
 */
function listenForEnd(signal: AbortSignal): { promise: Promise<never>; forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(new Error('the time is up'))
  signal.addEventListener('abort', abort, { once: true })
  return { promise, forget: () => signal.removeEventListener('abort', abort) }
}
