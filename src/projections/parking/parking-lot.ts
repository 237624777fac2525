import type { ClientBase } from 'pg'
import type { Position } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { ParkedEventTable } from '../database/kernel-tables.ts'
import { type ParkedEntry, blockKey } from './parking.ts'

export type ParkingTarget = ParkedEventTable['target']

/**
 * What is left out of one table of a projection, as its one writer knows it: which aggregates wait, and how many events.
 * The rows of `tb_parked_event` are written in the transactions that move the table's position.
 */
export interface ParkingLot {
  /** Events that could not be applied: one for each aggregate that waits. */
  readonly parked: number
  /** Events that wait behind one of those. */
  readonly queued: number
  /** Whether later events of the aggregate have to queue. */
  blocks(aggregate: string, id: string): boolean
  /**
   * Writes entries in the transaction at hand; `add` makes them known here once that has committed.
   * @throws TooManyParkedError when more aggregates would wait than are kept in memory
   */
  insert(client: ClientBase, entries: readonly ParkedEntry[]): Promise<void>
  add(entries: readonly ParkedEntry[]): void
  /** So many rows of an aggregate are gone from the table; `isEmpty` when those were all. */
  release(aggregate: string, id: string, rows: number, isEmpty: boolean): void
}

/** Too much fails for it to be the events' fault. Nothing was written: the projection waits in front of the next one. */
export class TooManyParkedError extends HeadwaterError {
  readonly position: Position
  constructor(projection: string, { stream, sequence }: Position, limit: number) {
    super({
      code: 'PROJECTION_TOO_MANY_PARKED',
      status: 500,
      detail: `The projection ${projection} has parked events of ${limit} aggregates and takes no more: it halts at ${stream} ${sequence}. Mend its handlers and retry what is parked (headwater projections parked retry ${projection} --all), or rebuild it`,
    })
    this.position = { stream, sequence }
  }
}

/** How many aggregates may wait: about 10 MB of memory, and with more it is the handlers that are wrong, not the events. */
export const MAX_BLOCKED = 100_000

const LOAD = `
  select aggregate, aggregate_id as id, count(*)::integer as rows
  from tb_parked_event where projection = $1 and target = $2 group by 1, 2`

/** Reads what a table of a projection has left out so far. */
export async function loadParkingLot(
  client: ClientBase,
  projection: string,
  target: ParkingTarget,
  limit = MAX_BLOCKED,
): Promise<ParkingLot> {
  const { rows } = await client.query<Waiting>(LOAD, [projection, target])
  return createParkingLot({ projection, target, limit }, rows)
}

interface Waiting {
  aggregate: string
  id: string
  rows: number
}

interface LotOptions {
  projection: string
  target: ParkingTarget
  limit?: number
}

// A row that is there already is of a time before the position was put back, by hand or by a restored backup.
const INSERT = `
  insert into tb_parked_event (projection, target, stream, sequence, event_index, aggregate, aggregate_id, event_id, type,
    status, code, cause, attempts)
  select $1, $2, * from unnest($3::text[], $4::bigint[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::integer[])
  on conflict on constraint tb_parked_event_pkey do update set
    status = excluded.status, code = excluded.code, cause = excluded.cause, attempts = excluded.attempts, action = null,
    updated_at = now()`

export function createParkingLot(
  { projection, target, limit = MAX_BLOCKED }: LotOptions,
  waiting: readonly Waiting[] = [],
): ParkingLot {
  const blocked = new Set(waiting.map(({ aggregate, id }) => blockKey(aggregate, id)))
  let count = waiting.reduce((sum, { rows }) => sum + rows, 0)

  function assertRoom(entries: readonly ParkedEntry[]): void {
    let size = blocked.size
    for (const entry of entries) {
      if (entry.status !== 'parked' || blocked.has(blockKey(entry.aggregate, entry.aggregateId))) continue
      if (++size > limit) throw new TooManyParkedError(projection, entry, limit)
    }
  }

  return {
    get parked() {
      return blocked.size
    },
    get queued() {
      return count - blocked.size
    },
    blocks: (aggregate, id) => blocked.size > 0 && blocked.has(blockKey(aggregate, id)),
    async insert(client, entries) {
      assertRoom(entries)
      if (entries.length === 0) return
      await client.query(INSERT, [
        projection,
        target,
        entries.map(({ stream }) => stream),
        entries.map(({ sequence }) => sequence),
        entries.map(({ index }) => index),
        entries.map(({ aggregate }) => aggregate),
        entries.map(({ aggregateId }) => aggregateId),
        entries.map(({ eventId }) => eventId),
        entries.map(({ type }) => type),
        entries.map(({ status }) => status),
        entries.map(({ code }) => code),
        entries.map(({ cause }) => cause),
        entries.map(({ attempts }) => attempts),
      ])
    },
    add(entries) {
      for (const { aggregate, aggregateId } of entries) blocked.add(blockKey(aggregate, aggregateId))
      count += entries.length
    },
    release(aggregate, id, rows, isEmpty) {
      count -= rows
      if (isEmpty) blocked.delete(blockKey(aggregate, id))
    },
  }
}
