import { type Transaction, sql } from 'kysely'
import { type Checkpoint, holdCheckpoints, loadCheckpoints } from '../positions/checkpoint.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { tableOf } from '../definition/identifiers.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { createTables, createView } from './prepare-table.ts'
import type { Session } from '../database/session.ts'
import { shapeOf } from '../definition/shape.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { type Made, streamsNow } from '../sources/streams-now.ts'
import { tableState } from './table-state.ts'

export interface PrepareOptions {
  session: Session
  projection: ProjectionDefinition
  streams: SourceStream[]
  schema: string
}

/**
 * Sees to it that the projection's table is there, and answers its checkpoints; undefined when it is that of an older
 * definition, and has to be built anew. To be called with the lock held.
 *
 * @throws SupersededError when the table is that of a newer definition
 */
export async function prepare(options: PrepareOptions): Promise<Checkpoint[] | undefined> {
  const { session, projection, streams, schema } = options
  const { name, version } = projection
  const { made } = await streamsNow(streams)
  return await session.db.transaction().execute(async (tx) => {
    // A swap would otherwise give this definition the checkpoints of the table that it has just put there. In its order, too:
    // neither then waits for the other.
    await holdCheckpoints(tx, name)
    const state = await tableState(tx, projection, streams, 'hold')
    if (state === 'outdated') return undefined
    if (state === 'absent') {
      const table = tableOf(name)
      const tables = await createTables(tx, projection, schema, table)
      await createView(tx, name, table)
      await tx
        .insertInto('tb_projection')
        .values({
          name,
          version,
          shape: shapeOf(projection),
          table_name: table,
          tables,
          state: 'up',
          last_error: null,
        })
        .execute()
    }
    await recordStreams(tx, name, streams, made)
    return await loadCheckpoints(tx, name)
  })
}

async function recordStreams(
  tx: Transaction<KernelTables>,
  projection: string,
  streams: SourceStream[],
  made: Made,
): Promise<void> {
  const rows = streams.map(({ log, subjects }) => ({
    projection,
    stream: log.stream,
    stream_created: made.get(log.stream) ?? log.created,
    subjects,
    sequence: 0,
  }))
  await tx
    .insertInto('tb_projection_checkpoint')
    .values(rows)
    // The sequence stays, and so does what it belongs to, if to anything; the namespace may have another name than before.
    .onConflict((conflict) =>
      conflict.columns(['projection', 'stream']).doUpdateSet({
        subjects: sql`excluded.subjects`,
        stream_created: sql`case when tb_projection_checkpoint.sequence = 0 then excluded.stream_created
          else tb_projection_checkpoint.stream_created end`,
      }),
    )
    .execute()
}
