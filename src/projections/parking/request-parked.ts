import { type Kysely, sql } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import { HeadwaterError } from '../../streams/errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { LIST_LIMIT, type ParkedEvent, type Which, isAmong, nothingThere, selectParked } from './parked.ts'

/** What came of what was asked for, in aggregates: how many have nothing parked any more, how many still or again have. */
export interface Outcome {
  cleared: number
  stayed: number
  /** What has stayed, LIST_LIMIT at most. */
  parked: ParkedEvent[]
}

/**
 * Asks whichever service runs the projection to retry parked events, or to drop them: they are then left out of its table for
 * good. Either way what waits behind them is applied.
 *
 * @returns what was asked for
 * @throws HeadwaterError PARKED_EVENT_NOT_FOUND when nothing is parked there, PARKED_EVENT_QUEUED when it waits itself
 */
export async function requestParked(
  db: Kysely<KernelTables>,
  projection: string,
  which: Which,
  action: 'retry' | 'drop',
): Promise<{ aggregate: string; id: string }[]> {
  const rows = await db
    .updateTable('tb_parked_event as p')
    .set({ action, updated_at: sql<string>`now()` })
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where('status', '=', 'parked')
    .where(isAmong(which))
    .returning(['aggregate', 'aggregate_id as id'])
    .execute()
  if (rows.length === 0) throw await nothingThere(db, projection, which)
  return rows
}

const POLL_MS = 100
const MAX_POLL_MS = 500
const PATIENCE_MS = 15_000

/**
 * Waits until what was asked for is done; for as long as something happens.
 *
 * @param patienceMs how long nothing may happen
 * @throws HeadwaterError PROJECTION_NOT_RUN when nothing happens: no service runs the projection now
 */
export async function awaitParked(
  db: Kysely<KernelTables>,
  projection: string,
  asked: readonly { aggregate: string; id: string }[],
  patienceMs = PATIENCE_MS,
): Promise<Outcome> {
  const keys = new Set(asked.map(keyOf))
  let before = ''
  let deadline = 0
  for (let pollMs = POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
    const parked = (await headsOf(db, projection)).filter((row) => keys.has(keyOf(row)))
    const pending = parked.filter(({ action }) => action !== null)
    if (pending.length === 0) {
      return {
        cleared: asked.length - parked.length,
        stayed: parked.length,
        parked: await detailsOf(db, projection, parked.slice(0, LIST_LIMIT)),
      }
    }
    // A long queue goes in parts, and each moves the position of what is parked.
    const now = pending.map(({ sequence, index }) => `${sequence}.${index}`).join()
    if (now !== before) deadline = Date.now() + patienceMs
    else if (Date.now() > deadline) throw notRun(projection, pending.length)
    before = now
    await delay(pollMs)
  }
}

async function headsOf(db: Kysely<KernelTables>, projection: string) {
  return await db
    .selectFrom('tb_parked_event')
    .select(['aggregate', 'aggregate_id as id', 'sequence', 'event_index as index', 'action'])
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where('status', '=', 'parked')
    .orderBy('stream')
    .orderBy('sequence')
    .orderBy('event_index')
    .execute()
}

async function detailsOf(
  db: Kysely<KernelTables>,
  projection: string,
  of: readonly { aggregate: string; id: string }[],
): Promise<ParkedEvent[]> {
  if (of.length === 0) return []
  return await selectParked(db)
    .where('p.projection', '=', projection)
    .where(sql<boolean>`p.aggregate || '.' || p.aggregate_id = any(${of.map(keyOf)})`)
    .execute()
}

const keyOf = ({ aggregate, id }: { aggregate: string; id: string }) => `${aggregate}.${id}`

function notRun(projection: string, count: number): HeadwaterError {
  return new HeadwaterError({
    code: 'PROJECTION_NOT_RUN',
    status: 503,
    detail: `No service runs the projection ${projection}, or it is down: ${count} parked events are still to be looked at. They stay asked for, and are done when one runs`,
  })
}
