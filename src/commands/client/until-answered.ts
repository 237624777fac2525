import { setTimeout as delay } from 'node:timers/promises'
import type { CommandReply } from '../command.ts'
import { CommandTimeoutError } from './command-timeout.ts'

export interface UntilAnsweredOptions {
  /** The command's, the same in every attempt: it is applied once. */
  commandId: string
  /** How long to go on trying, in milliseconds. */
  timeoutMs: number
  /** How long one attempt waits for its answer at most; half of the time unless given, but at least two seconds. */
  attemptMs?: number
  /** One attempt; undefined when no answer came within `timeoutMs`. */
  ask: (timeoutMs: number) => Promise<CommandReply | undefined>
  /** Nobody is left to be asked. */
  isClosed: () => boolean
}

/**
 * Asks again, with pauses, as long as there is no answer or 503, until the time is up.
 * @throws CommandTimeoutError when nobody answered
 */
export async function untilAnswered({
  commandId,
  timeoutMs,
  attemptMs = Math.max(2000, timeoutMs / 2),
  ask,
  isClosed,
}: UntilAnsweredOptions): Promise<CommandReply> {
  const deadline = Date.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    const timeout = Math.max(50, Math.min(deadline - Date.now(), attemptMs))
    const reply = await ask(timeout)
    if (reply && (reply.ok || reply.status !== 503)) return reply
    const pause = Math.min(25 * 2 ** attempt, 500)
    if (isClosed() || Date.now() + pause >= deadline) {
      if (reply) return reply
      throw new CommandTimeoutError(commandId, timeoutMs)
    }
    await delay(pause)
  }
}
