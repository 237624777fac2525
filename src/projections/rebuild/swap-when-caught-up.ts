import { pause } from '../../streams/waiting/pause.ts'
import { tableOf } from '../definition/identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import { updateJob } from '../jobs/job.ts'
import type { JobRun } from '../jobs/run.ts'
import type { Positions } from '../positions/checkpoint.ts'
import type { Made } from '../sources/streams-now.ts'
import { type Replay, ends } from './replay.ts'
import type { Shadow } from './shadow.ts'
import { swap } from './swap.ts'

/** Attempts at the swap before it is given up, and the pause between two. */
const ATTEMPTS = 40
const PAUSE_MS = 250

/**
 * Catches up with the log and swaps; again and again while events come faster, or readers keep the table locked.
 * @throws NotRebuildableError when that does not end
 */
export async function swapWhenCaughtUp(
  { session, projection, database, streams, job, report, logger, signal }: JobRun,
  filled: { replay: Replay; shadow: Shadow; flush: (positions: Positions) => Promise<void>; made: Made },
): Promise<void> {
  const { replay, shadow, flush, made } = filled
  for (let attempt = 1; ; attempt++) {
    report({ phase: 'catching up' })
    await replay.upTo(await ends(streams))
    await flush(replay.positions)
    report({ phase: 'swapping' })
    const outcome = await swap({
      session,
      projection,
      schema: database.schema,
      streams,
      made,
      shadow,
      replay,
      alongside: async (tx) =>
        void (await updateJob(tx, job, { result: { swapped: true }, phase: 'dropping' })),
    })
    if (outcome === 'swapped') return
    logger.info({ projection: projection.name, attempt, outcome }, 'the swap is tried again')
    if (attempt >= ATTEMPTS) {
      throw new NotRebuildableError(
        projection.name,
        outcome === 'locked'
          ? `readers kept ${tableOf(projection.name)} locked in ${attempt} attempts; look for long transactions in pg_stat_activity, then ask again`
          : `events came faster than they could be caught up with in ${attempt} attempts`,
      )
    }
    await pause(PAUSE_MS, signal)
    signal.throwIfAborted()
  }
}
