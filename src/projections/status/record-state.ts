import { sql } from 'kysely'
import type { ProjectionFailure } from './status.ts'
import type { Session } from '../database/session.ts'

/** Leaves the runner's state where other processes can read it (`readStatus`). For people: to fail here costs nothing. */
export async function recordState(
  { db, lost }: Session,
  name: string,
  state: 'up' | 'down',
  failure?: ProjectionFailure,
): Promise<void> {
  if (lost.aborted) return
  await db
    .updateTable('tb_projection')
    .set({ state, last_error: failure?.message ?? null, updated_at: sql<string>`now()` })
    .where('name', '=', name)
    .execute()
    .catch(() => undefined)
}
