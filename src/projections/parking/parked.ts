import { type Kysely, sql } from 'kysely'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Position } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { reason } from '../errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'

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

/** How many are listed at most. */
export const LIST_LIMIT = 1000

/** The parked events of one projection, or of all; the oldest first, LIST_LIMIT at most. */
export async function listParked(db: Kysely<KernelTables>, projection?: string): Promise<ParkedEvent[]> {
  const query = selectParked(db).limit(LIST_LIMIT)
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

/** Everything that is parked, the oldest first. */
export function selectParked(db: Kysely<KernelTables>) {
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

export function isAmong(which: Which) {
  if (which === 'all') return sql<boolean>`true`
  return 'stream' in which
    ? sql<boolean>`p.stream = ${which.stream} and p.sequence = ${which.sequence}`
    : sql<boolean>`p.aggregate = ${which.aggregate} and p.aggregate_id = ${which.id}`
}

async function matching(db: Kysely<KernelTables>, projection: string, which: Which): Promise<ParkedEvent[]> {
  return await selectParked(db).where('p.projection', '=', projection).where(isAmong(which)).execute()
}

/** Why there is nothing to be done: it waits behind another one, or there is no such event. */
export async function nothingThere(
  db: Kysely<KernelTables>,
  projection: string,
  which: Which,
): Promise<HeadwaterError> {
  const waiting = await db
    .selectFrom('tb_parked_event as p')
    .select(['aggregate', 'aggregate_id as id'])
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where(isAmong(which))
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
