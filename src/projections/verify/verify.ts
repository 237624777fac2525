import { loadCheckpoints } from '../positions/checkpoint.ts'
import { besideOf, quoted, tableOf } from '../definition/identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import type { JobRun } from '../jobs/run.ts'
import { createTables, dropTables, tablesOf } from '../tables/prepare-table.ts'
import { assertSame, assertWhole, commitsIn } from '../rebuild/whole.ts'
import { exactIntake, placeOf } from '../rebuild/intake.ts'
import { openShadow } from '../rebuild/open-shadow.ts'
import { capped, openReplay } from '../rebuild/replay.ts'
import { openSession } from '../database/session.ts'
import { tableState } from '../tables/table-state.ts'
import { type Comparison, compareTables } from './compare.ts'

/**
 * Folds the log afresh into a table beside the live one, up to exactly the position that the live one is at, and compares
 * the two row by row. The live rows are those of one moment, which a snapshot of PostgreSQL holds: writes go on.
 *
 * @throws NotRebuildableError when the log does not hold all that the rows were made from, or is another one
 */
export async function verify(run: JobRun): Promise<Record<string, unknown>> {
  await assertWhole(run)
  const { session, projection, streams, database, report, signal } = run
  const { name } = projection
  const table = besideOf(name, 'check')
  const reader = await openSession(database, name, 'verify')
  try {
    const { tables } = await session.db
      .selectFrom('tb_projection')
      .select('tables')
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    await reader.client.query('begin isolation level repeatable read, read only')
    // Before the snapshot is taken, and held until the end: a table swapped in after it would look empty to it.
    await reader.client.query(`lock table ${tables.map(quoted).join(', ')} in access share mode`)
    if ((await tableState(reader.db, projection, streams)) !== 'current') {
      throw new NotRebuildableError(name, 'its table is that of another definition, and is being built anew')
    }
    const checkpoints = await loadCheckpoints(reader.db, name)
    await assertSame(run, checkpoints)
    const until = new Map(checkpoints.map(({ stream, sequence }) => [stream, sequence]))
    await session.db.transaction().execute(async (tx) => {
      await dropTables(tx, await tablesOf(tx, database.schema, table))
      await createTables(tx, projection, database.schema, table)
    })
    const shadow = await openShadow(run, {
      table,
      intake: exactIntake(projection, await leftOutOf(reader, name)),
      expectedRows: await commitsIn(run),
      resumed: false,
    })
    const flush = () => session.db.transaction().execute((tx) => shadow.flush({ client: session.client, tx }))
    const replay = await openReplay({
      streams,
      shadow,
      from: new Map(),
      until,
      flush,
      onProgress: (events, left) => report({ events, left }),
      limits: run.limits,
      signal,
    })
    try {
      report({ phase: 'replaying' })
      await replay.upTo(await capped(until, streams))
      await flush()
    } finally {
      await replay.close()
    }
    report({ phase: 'comparing', left: 0 })
    const comparisons = await compareAll(run, reader, table)
    return {
      positions: Object.fromEntries(until),
      rows: comparisons.reduce((sum, { rows }) => sum + rows, 0),
      differences: comparisons.reduce((sum, { differences }) => sum + differences, 0),
      sample: comparisons.flatMap(({ sample }) => sample).slice(0, 100),
    }
  } finally {
    await reader.end()
    await abandonVerify(run)
  }
}

/** The events that the live table was made without. */
async function leftOutOf({ db }: JobRun['session'], projection: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('tb_parked_event')
    .select(['stream', 'sequence', 'event_index'])
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .execute()
  return new Set(rows.map(({ event_index, ...position }) => placeOf(position, event_index)))
}

/** Every table that the projection made, each with its fresh counterpart. */
async function compareAll(
  { session, projection, database }: JobRun,
  reader: JobRun['session'],
  table: string,
): Promise<Comparison[]> {
  const live = tableOf(projection.name)
  const key = projection.kind === 'fold' ? projection.keyColumn : undefined
  return await session.db.transaction().execute(async (tx) => {
    const comparisons: Comparison[] = []
    for (const expected of await tablesOf(tx, database.schema, table)) {
      const side = { client: reader.client, table: `${live}${expected.slice(table.length)}` }
      comparisons.push(await compareTables(side, { client: session.client, table: expected }, key))
    }
    return comparisons
  })
}

/** Throws away the table that was only made to be compared. */
export async function abandonVerify({ session, projection, database }: JobRun): Promise<void> {
  if (session.lost.aborted) return
  await session.db
    .transaction()
    .execute(async (tx) =>
      dropTables(tx, await tablesOf(tx, database.schema, besideOf(projection.name, 'check'))),
    )
}
