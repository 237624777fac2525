import type { Kysely } from 'kysely'
import type { JobTable, KernelTables } from '../database/kernel-tables.ts'

/** The last rebuild of a projection, or the one that runs. */
export interface RebuildStatus {
  state: JobTable['state']
  /** What it is at, for people. */
  phase: string
  /** Events handled so far, and about how many there are. */
  events: number
  eventsTotal: number
  /** Events a second, lately. */
  rate: number
}

/** By projection. */
export async function readRebuilds(db: Kysely<KernelTables>): Promise<Map<string, RebuildStatus>> {
  const rows = await db
    .selectFrom('tb_projection_job')
    .select(['projection', 'state', 'phase', 'events', 'events_total as eventsTotal', 'rate'])
    .where('kind', '=', 'rebuild')
    .execute()
  return new Map(rows.map(({ projection, ...rebuild }) => [projection, rebuild]))
}
