import { type Kysely, sql } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import type { CloudEvent } from '../streams/cloud-event.ts'
import type { Position } from '../streams/commit.ts'
import { HeadwaterError } from '../streams/errors.ts'
import type { EventLog } from '../streams/event-log.ts'
import { reason } from './errors.ts'
import type { KernelTables } from './kernel-tables.ts'

/** An event that could not be applied to a projection's table, as people see it. */
export interface ParkedEvent {
  projection: string
  stream: string
  sequence: number
  /** Which event of the commit, from 0. */
  index: number
  aggregate: string
  id: string
  eventId: string
  type: string
  code: string
  cause: string
  attempts: number
  /** What is to be done with it, until a service has done so. */
  action: 'retry' | 'drop' | null
  /** ISO 8601 */
  parkedAt: string
  /** How many later events of the aggregate wait behind it. */
  queued: number
}

/** Which of a projection's parked events: those at a position, of an aggregate, or all. */
export type Which = Position | { aggregate: string; id: string } | 'all'

/** What came of what was asked for, in aggregates: how many have nothing parked any more, how many still or again have. */
export interface Outcome {
  cleared: number
  stayed: number
  /** What has stayed, LIST_LIMIT at most. */
  parked: ParkedEvent[]
}

/** How many are listed at most. */
export const LIST_LIMIT = 1000

/** The parked events of one projection, or of all; the oldest first, LIST_LIMIT at most. */
export async function listParked(db: Kysely<KernelTables>, projection?: string): Promise<ParkedEvent[]> {
  const query = select(db).limit(LIST_LIMIT)
  return await (projection === undefined ? query : query.where('p.projection', '=', projection)).execute()
}

/** A parked event, and the event itself as the log has it, unless it cannot be read: then why. */
export type ParkedDetail = ParkedEvent & ({ event: CloudEvent } | { unreadable: string })

/**
 * What is parked at a position.
 * @param logs the logs, by anything
 * @throws HeadwaterError PARKED_EVENT_NOT_FOUND, PARKED_EVENT_QUEUED
 */
export async function showParked(
  db: Kysely<KernelTables>,
  logs: Iterable<EventLog>,
  projection: string,
  position: Position,
): Promise<ParkedDetail> {
  const [parked] = await matching(db, projection, position)
  if (!parked) throw await nothingThere(db, projection, position)
  return { ...parked, ...(await eventOf(logs, parked)) }
}

async function eventOf(
  logs: Iterable<EventLog>,
  { stream, sequence, index }: ParkedEvent,
): Promise<{ event: CloudEvent } | { unreadable: string }> {
  const log = [...logs].find((one) => one.stream === stream)
  if (!log) return { unreadable: `there is no stream ${stream}` }
  try {
    const event = (await log.read.at(sequence))?.events[index]
    return event ? { event } : { unreadable: 'it is no longer in the log' }
  } catch (error) {
    return { unreadable: reason(error) }
  }
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
    .where(condition(which))
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
  return await select(db)
    .where('p.projection', '=', projection)
    .where(sql<boolean>`p.aggregate || '.' || p.aggregate_id = any(${of.map(keyOf)})`)
    .execute()
}

const keyOf = ({ aggregate, id }: { aggregate: string; id: string }) => `${aggregate}.${id}`

function select(db: Kysely<KernelTables>) {
  return db
    .selectFrom('tb_parked_event as p')
    .select([
      'p.projection',
      'p.stream',
      'p.sequence',
      'p.event_index as index',
      'p.aggregate',
      'p.aggregate_id as id',
      'p.event_id as eventId',
      'p.type',
      sql<string>`coalesce(p.code, '')`.as('code'),
      sql<string>`coalesce(p.cause, '')`.as('cause'),
      'p.attempts',
      'p.action',
      'p.parked_at as parkedAt',
    ])
    .select((builder) =>
      builder
        .selectFrom('tb_parked_event as q')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('q.projection', '=', 'p.projection')
        .whereRef('q.target', '=', 'p.target')
        .whereRef('q.aggregate', '=', 'p.aggregate')
        .whereRef('q.aggregate_id', '=', 'p.aggregate_id')
        .where('q.status', '=', 'queued')
        .$asScalar()
        .$notNull()
        .as('queued'),
    )
    .where('p.target', '=', 'live')
    .where('p.status', '=', 'parked')
    .orderBy('p.projection')
    .orderBy('p.stream')
    .orderBy('p.sequence')
    .orderBy('p.event_index')
}

function condition(which: Which) {
  if (which === 'all') return sql<boolean>`true`
  return 'stream' in which
    ? sql<boolean>`p.stream = ${which.stream} and p.sequence = ${which.sequence}`
    : sql<boolean>`p.aggregate = ${which.aggregate} and p.aggregate_id = ${which.id}`
}

async function matching(db: Kysely<KernelTables>, projection: string, which: Which): Promise<ParkedEvent[]> {
  return await select(db).where('p.projection', '=', projection).where(condition(which)).execute()
}

async function nothingThere(
  db: Kysely<KernelTables>,
  projection: string,
  which: Which,
): Promise<HeadwaterError> {
  const waiting = await db
    .selectFrom('tb_parked_event as p')
    .select(['aggregate', 'aggregate_id as id'])
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where(condition(which))
    .executeTakeFirst()
  const first = waiting && (await matching(db, projection, waiting))[0]
  if (first) {
    return new HeadwaterError({
      code: 'PARKED_EVENT_QUEUED',
      status: 409,
      detail: `That event waits behind the parked one at ${first.stream} ${first.sequence}: retry or drop that one`,
    })
  }
  const where =
    which === 'all'
      ? ''
      : 'stream' in which
        ? ` at ${which.stream} ${which.sequence}`
        : ` of ${which.aggregate} ${which.id}`
  return new HeadwaterError({
    code: 'PARKED_EVENT_NOT_FOUND',
    status: 404,
    detail: `The projection ${projection} has no parked event${where}: \`headwater projections parked list\` shows what there is`,
  })
}

function notRun(projection: string, count: number): HeadwaterError {
  return new HeadwaterError({
    code: 'PROJECTION_NOT_RUN',
    status: 503,
    detail: `No service runs the projection ${projection}, or it is down: ${count} parked events are still to be looked at. They stay asked for, and are done when one runs`,
  })
}
