import { type Kysely, sql } from 'kysely'
import type { KernelTables } from '../database/kernel-tables.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { ProjectionStatus } from './status.ts'

/** How often a runner says how it fares, in milliseconds; and for how long that is worth anything. */
const EVERY_MS = 2000
export const FIGURES_LAST_MS = 10_000

/**
 * Leaves a runner's figures where other processes can read them (`readStatus`), until the signal. For people: to fail here
 * costs nothing.
 */
export async function recordFigures(
  db: Kysely<KernelTables>,
  name: string,
  status: () => ProjectionStatus,
  signal: AbortSignal,
): Promise<void> {
  let isIdle = false
  for (;;) {
    await pause(EVERY_MS, signal)
    if (signal.aborted) return
    const { ratePerSecond, lastBatch } = status()
    // Idle is said once: nobody is to write to the disk for ever because nothing happens.
    if (isIdle && ratePerSecond === 0) continue
    isIdle = ratePerSecond === 0
    await db
      .updateTable('tb_projection')
      .set({
        rate: ratePerSecond,
        batch_size: lastBatch?.commits ?? null,
        figures_at: sql<string>`now()`,
      })
      .where('name', '=', name)
      .execute()
      .catch(() => undefined)
  }
}
