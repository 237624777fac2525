import type { Commit } from '../../streams/events/commit.ts'
import { FIRST_PASS, type Pass, PoisonError } from './apply-batch.ts'
import { isRefusedRow } from '../errors.ts'
import { BatchEventError } from '../batch/fold-batch.ts'
import { pause } from '../../streams/waiting/pause.ts'

export interface PatienceOptions {
  /** How often an event is tried before it is parked. */
  attempts: number
  /** Applies commits in one transaction, all or none. */
  apply: (commits: Commit[], pass: Pass) => Promise<void>
  signal: AbortSignal
}

/** The pause after the first attempt, in milliseconds; it grows by as much with each. */
const PAUSE_MS = 50
const MAX_PAUSE_MS = 1000

/**
 * Applies a batch whose poison is parked. All that fails in it shares the attempts: the whole batch is tried again, so that
 * many such events cost no more than one.
 *
 * A statement over many rows that PostgreSQL refuses does not say which: the batch is then tried event by event. Where it is
 * the COMMIT that fails (a deferred constraint), that tells nothing either, and the batch is tried commit by commit.
 *
 * @throws what says nothing about an event: errors of the connection and of the server's condition, conflicts
 */
export async function applyPatiently(
  commits: Commit[],
  { attempts, apply, signal }: PatienceOptions,
): Promise<void> {
  for (let pass = FIRST_PASS; ;) {
    try {
      return await apply(commits, { ...pass, park: pass.attempt >= attempts })
    } catch (error) {
      if (!(error instanceof PoisonError)) {
        const blames = error instanceof BatchEventError || isRefusedRow(error)
        if (!blames || 'refused' in pass) throw error
        if (pass.oneByOne && commits.length > 1) break
        if (pass.oneByOne && pass.attempt >= attempts) pass = { ...pass, refused: error }
        pass = { ...pass, oneByOne: true }
      }
      await pause(Math.min(PAUSE_MS * pass.attempt, MAX_PAUSE_MS), signal)
      signal.throwIfAborted()
      pass = { ...pass, attempt: pass.attempt + 1 }
    }
  }
  for (const commit of commits) await applyPatiently([commit], { attempts, apply, signal })
}
