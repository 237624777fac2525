import { pause } from '../waiting/pause.ts'
import { persistently } from '../waiting/persistently.ts'
import { isTransient } from '../waiting/transient.ts'
import { assertSame } from './checkpoint.ts'
import type { Term } from './term-options.ts'

/** How many ticks there are between two looks at whether the stream is still the one it was. */
const TICKS_A_LOOK = 5

/**
 * What is seen to from time to time until the term ends: the checkpoint is written, what somebody asks for is done, and the stream
 * and the checkpoint are looked at. Rejects when the term cannot go on.
 */
export async function keepUp<Value>(term: Term<Value>): Promise<void> {
  const { source, settings, checkpoint, window, parking, figures, label, logger, signal, end } = term

  async function saveCheckpoint(): Promise<void> {
    if (!(await checkpoint.save(window.done))) beginAgain()
    figures.checkpoint = checkpoint.sequence
  }

  async function look(): Promise<void> {
    const { last } = await assertSame(source, label, checkpoint)
    await passOver(last)
    // With nothing new to write, the write does not tell.
    if (await checkpoint.isReset()) beginAgain()
  }

  /**
   * What is not for it is passed over, or it would look for ever as if it had not come to the end. Its own is looked for after the
   * end was: what comes in between stands behind that.
   */
  async function passOver(last: number): Promise<void> {
    if (last <= window.last) return
    const next = await source.next(window.last)
    window.pass(Math.min(last, next === undefined ? last : next - 1))
  }

  function beginAgain(): void {
    logger.warn(
      { follower: label },
      `the checkpoint of ${label} was written by another: this replica begins again from there`,
    )
    end()
  }

  async function transiently(action: () => Promise<void>): Promise<void> {
    await persistently(action, { signal, maxMs: settings.retryMaxMs, onFailure: passing }).catch(
      (error: unknown) => {
        if (!signal.aborted) throw error
      },
    )
  }

  function passing(error: unknown): void {
    if (!isTransient(error)) throw error
    logger.debug({ err: error, follower: label }, 'NATS did not answer; it is asked again')
  }

  for (let ticks = 1; !signal.aborted; ticks++) {
    await pause(settings.tickMs, signal)
    if (signal.aborted) return
    await transiently(saveCheckpoint)
    await transiently(() => parking.lookForRequests(() => window.last))
    if (ticks % TICKS_A_LOOK === 0) await transiently(look)
  }
}
