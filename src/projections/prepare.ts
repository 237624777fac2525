import { type Transaction, sql } from 'kysely'
import { type Checkpoint, loadCheckpoints } from './checkpoint.ts'
import { SupersededError } from './errors.ts'
import { tableOf } from './identifiers.ts'
import type { KernelTables } from './kernel-tables.ts'
import type { Logger } from './logger.ts'
import { createTables, dropTables } from './prepare-table.ts'
import type { ProjectionDefinition } from './definition.ts'
import type { Session } from './session.ts'
import { shapeOf } from './shape.ts'
import type { SourceStream } from './source-streams.ts'

export interface PrepareOptions {
  session: Session
  projection: ProjectionDefinition
  streams: SourceStream[]
  schema: string
  logger: Logger
}

/**
 * Sees to it that the projection's table is that of its definition, and answers its checkpoints. A table of an older
 * version or another shape is made anew and its checkpoints reset, in one transaction: readers find it empty until the
 * replay has filled it. To be called with the lock held.
 *
 * @throws SupersededError when the table is that of a newer version
 */
export async function prepare(options: PrepareOptions): Promise<Checkpoint[]> {
  const { session, projection, streams, schema, logger } = options
  const { name, version } = projection
  const shape = shapeOf(projection)
  return await session.db.transaction().execute(async (tx) => {
    const recorded = await tx
      .selectFrom('tb_projection')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
    if (recorded && recorded.version > version) throw new SupersededError(name, version, recorded.version)
    if (
      recorded?.version !== version ||
      recorded.shape !== shape ||
      !(await sameStreams(tx, name, streams))
    ) {
      if (recorded) {
        logger.warn(
          { projection: name, version, recordedVersion: recorded.version },
          'The definition of the projection has changed: its table is made anew and every event applied again; until then readers find it incomplete' +
            (recorded.version === version
              ? '. Its columns, sources or streams changed without a new version'
              : ''),
        )
        await dropTables(tx, name, recorded.tables)
        await tx.deleteFrom('tb_projection').where('name', '=', name).execute()
      }
      const tables = await createTables(tx, projection, schema)
      await tx
        .insertInto('tb_projection')
        .values({ name, version, shape, table_name: tableOf(name), tables, state: 'up', last_error: null })
        .execute()
    }
    await recordStreams(tx, name, streams)
    return await loadCheckpoints(tx, name)
  })
}

/** A stream under another name begins at its first commit again, and the rows have those already. */
async function sameStreams(
  tx: Transaction<KernelTables>,
  projection: string,
  streams: SourceStream[],
): Promise<boolean> {
  const recorded = (await loadCheckpoints(tx, projection)).map(({ stream }) => stream)
  return (
    recorded.toSorted().join() ===
    streams
      .map(({ log }) => log.stream)
      .toSorted()
      .join()
  )
}

async function recordStreams(
  tx: Transaction<KernelTables>,
  projection: string,
  streams: SourceStream[],
): Promise<void> {
  const rows = streams.map(({ log, subjects }) => ({
    projection,
    stream: log.stream,
    stream_created: log.created,
    subjects,
    sequence: 0,
  }))
  await tx
    .insertInto('tb_projection_checkpoint')
    .values(rows)
    // The sequence stays, and so does what it belongs to; the namespace may have another name than before.
    .onConflict((conflict) =>
      conflict.columns(['projection', 'stream']).doUpdateSet({ subjects: sql`excluded.subjects` }),
    )
    .execute()
}

/** The version that the database has the projection in; undefined when it is not there yet. */
export async function recordedVersion({ db }: Session, name: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('tb_projection')
    .select('version')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.version
}
