import type { Kysely } from 'kysely'
import type { ClientBase } from 'pg'
import { CheckpointConflictError } from './errors.ts'
import type { KernelTables } from './kernel-tables.ts'

/** The sequence that a projection has applied, by stream; 0 for nothing yet. */
export type Positions = ReadonlyMap<string, number>

export interface Checkpoint {
  stream: string
  sequence: number
  /** When the stream that it belongs to was made. */
  created: string
}

export async function loadCheckpoints(db: Kysely<KernelTables>, projection: string): Promise<Checkpoint[]> {
  return await db
    .selectFrom('tb_projection_checkpoint')
    .select(['stream', 'sequence', 'stream_created as created'])
    .where('projection', '=', projection)
    .execute()
}

const ADVANCE = `
  update tb_projection_checkpoint as c set sequence = n.next, updated_at = now()
  from unnest($2::text[], $3::bigint[], $4::bigint[]) as n (stream, old, next)
  where c.projection = $1 and c.stream = n.stream and c.sequence = n.old`

/**
 * Moves a projection's checkpoints, in the transaction that its rows change in, if they are where they are expected:
 * that makes each event count once, whoever else is at work.
 *
 * @param expected where the checkpoints were
 * @param next where they are to be; only the streams that move
 * @throws CheckpointConflictError when one is elsewhere; the transaction is then to be rolled back
 */
export async function advanceCheckpoints(
  client: ClientBase,
  projection: string,
  expected: Positions,
  next: Positions,
): Promise<void> {
  const streams = [...next.keys()]
  const old = streams.map((stream) => expected.get(stream) ?? 0)
  const { rowCount } = await client.query(ADVANCE, [projection, streams, old, [...next.values()]])
  if (rowCount === streams.length) return
  throw new CheckpointConflictError(
    projection,
    streams.map((stream, index) => ({ stream, sequence: old[index] ?? 0 })),
  )
}
