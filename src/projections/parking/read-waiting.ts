import type { Kysely } from 'kysely'
import type { KernelTables } from '../database/kernel-tables.ts'

/** How many events a projection's table lacks: those that could not be applied, and those that stand behind them. */
export interface WaitingEvents {
  parked: number
  queued: number
}

/** By projection; those that lack none are not there. */
export async function readWaiting(db: Kysely<KernelTables>): Promise<Map<string, WaitingEvents>> {
  const rows = await db
    .selectFrom('tb_parked_event')
    .select(({ fn }) => [
      'projection',
      fn.countAll<number>().filterWhere('status', '=', 'parked').as('parked'),
      fn.countAll<number>().filterWhere('status', '=', 'queued').as('queued'),
    ])
    .where('target', '=', 'live')
    .groupBy('projection')
    .execute()
  return new Map(rows.map(({ projection, parked, queued }) => [projection, { parked, queued }]))
}
