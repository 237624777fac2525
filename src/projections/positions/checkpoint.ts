import type { Kysely, Transaction } from 'kysely'
import type { ClientBase } from 'pg'
import { CheckpointConflictError } from '../errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { channelOf, encodeNotice } from './notices.ts'

/** The sequence that a projection has applied, by stream; 0 for nothing yet. */
export type Positions = ReadonlyMap<string, number>

/** How far `to` is ahead, in sequences of all streams; where it is behind in one, that makes up for nothing in another. */
export function sequencesBetween(from: Positions, to: Positions): number {
  let sum = 0
  for (const [stream, sequence] of to) sum += Math.max(0, sequence - (from.get(stream) ?? 0))
  return sum
}

export interface Checkpoint {
  stream: string
  sequence: number
  /** When the stream that it belongs to was made. */
  created: string
  /** Which of the projection's tables, in the order of their making, it tells the position of. */
  generation: number
  /** A sequence, as a rule the one above, and when the message there was recorded; null where that is not known. */
  recordedSequence: number | null
  recordedAt: number | null
}

/** When the last commit applied of each stream was recorded, in milliseconds since 1970. */
export type RecordedTimes = ReadonlyMap<string, number>

export async function loadCheckpoints(db: Kysely<KernelTables>, projection: string): Promise<Checkpoint[]> {
  return await checkpointsOf(db, projection).execute()
}

const LOOK = `
  select stream, sequence, generation from tb_projection_checkpoint where projection = $1 order by stream`

/**
 * Makes sure that a projection's checkpoints are where they are expected. With `hold` they stay there to the end of the
 * transaction, for rows that change without them.
 * @throws CheckpointConflictError when one is elsewhere, or of another table
 */
export async function checkCheckpoints(
  client: ClientBase,
  { projection, generation }: Standing,
  expected: Positions,
  hold?: 'hold',
): Promise<void> {
  const look = hold ? `${LOOK} for update` : LOOK
  const { rows } = await client.query<Pick<Checkpoint, 'stream' | 'sequence' | 'generation'>>(look, [
    projection,
  ])
  const holds =
    rows.length === expected.size &&
    rows.every((row) => row.generation === generation && row.sequence === expected.get(row.stream))
  if (holds) return
  throw new CheckpointConflictError(
    projection,
    [...expected].map(([stream, sequence]) => ({ stream, sequence })),
  )
}

/** The same, and holds them to the end of the transaction: whoever moves them, the live table's runner, waits. */
export async function holdCheckpoints(
  tx: Transaction<KernelTables>,
  projection: string,
): Promise<Checkpoint[]> {
  return await checkpointsOf(tx, projection).forUpdate().execute()
}

function checkpointsOf(db: Kysely<KernelTables>, projection: string) {
  return db
    .selectFrom('tb_projection_checkpoint')
    .select(['stream', 'sequence', 'stream_created as created', 'generation'])
    .select(['recorded_sequence as recordedSequence', 'recorded_at as recordedAt'])
    .where('projection', '=', projection)
    .orderBy('stream')
}

/** What a runner knows of its projection in the database, to say who it is when it writes. */
export interface Standing {
  projection: string
  /** Of the table that it writes to. */
  generation: number
  schema: string
}

// The generation stands in the same row as the sequence: an update that waited for a swap sees both as the swap left them.
const ADVANCE = `
  with moved as (
    update tb_projection_checkpoint as c
    set sequence = n.next, recorded_sequence = n.next, recorded_at = n.recorded, updated_at = now()
    from unnest($2::text[], $3::bigint[], $4::bigint[], $8::bigint[]) as n (stream, old, next, recorded)
    where c.projection = $1 and c.stream = n.stream and c.sequence = n.old and c.generation = $5
    returning 1)
  select count(*)::integer as moved, pg_notify($6, $7) from moved`

/**
 * Moves a projection's checkpoints, in the transaction that its rows change in, if they are where they are expected:
 * that makes each event count once, whoever else is at work. Those who listen hear of it with the commit.
 *
 * @param expected where the checkpoints were
 * @param next where they are to be; only the streams that move
 * @param recorded when the messages there were recorded
 * @throws CheckpointConflictError when one is elsewhere, or of another table; the transaction is then to be rolled back
 */
export async function advanceCheckpoints(
  client: ClientBase,
  { projection, generation, schema }: Standing,
  expected: Positions,
  next: Positions,
  recorded: RecordedTimes,
): Promise<void> {
  const streams = [...next.keys()]
  const old = streams.map((stream) => expected.get(stream) ?? 0)
  const notice = encodeNotice({ projection, positions: Object.fromEntries(next) })
  const { rows } = await client.query<{ moved: number }>(ADVANCE, [
    projection,
    streams,
    old,
    [...next.values()],
    generation,
    channelOf(schema),
    notice,
    streams.map((stream) => recorded.get(stream) ?? null),
  ])
  if (rows[0]?.moved === streams.length) return
  throw new CheckpointConflictError(
    projection,
    streams.map((stream, index) => ({ stream, sequence: old[index] ?? 0 })),
  )
}
