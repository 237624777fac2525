import { z } from 'zod'
import type { Positions } from '../positions/checkpoint.ts'
import { isTransientInDatabase } from '../errors.ts'
import { besideOf, quoted, viewOf } from '../definition/identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import { updateJob } from '../jobs/job.ts'
import type { JobRun } from '../jobs/run.ts'
import { loadParkingLot } from '../parking/parking-lot.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { createColumns, createTables, dropTables, tablesOf } from '../tables/prepare-table.ts'
import { shapeOf } from '../definition/shape.ts'
import { type Made, streamsNow } from '../sources/streams-now.ts'
import { isBegunOn, keptOf } from './begun-on.ts'
import { builtOn } from './built-on.ts'
import { exactIntake, parkingIntake } from './intake.ts'
import { openShadow } from './open-shadow.ts'
import { rebuildFrom } from './partial.ts'
import { ends, openReplay } from './replay.ts'
import { swapWhenCaughtUp } from './swap-when-caught-up.ts'
import { assertWhole, commitsIn } from './whole.ts'

/** What is asked for with a rebuild. */
const RebuildOptions = z.object({
  /** Only what has changed since; unless given, everything. */
  from: z
    .union([z.object({ sequence: z.int().positive() }), z.object({ time: z.iso.datetime({ offset: true }) })])
    .optional(),
  /** Keep the table that is replaced, as `old_<name>_projection`. */
  keepOld: z.boolean().optional(),
})

/** A reader that has found the old table's name in the view's definition may still be about to open it. */
const GRACE_MS = 1000
const DROP_ATTEMPTS = 10
const DROP_PAUSE_MS = 250

/**
 * Builds a projection anew beside its live table, and puts the new one in its place. Readers, and the live table's runner,
 * go on meanwhile. What is done is durable every few seconds, and is gone on from after a crash.
 *
 * @throws NotRebuildableError when the log does not hold all that the rows were made from; SupersededError; whatever a
 *   handler throws. The live table then is as it was
 */
export async function rebuild(run: JobRun): Promise<Record<string, unknown>> {
  if (run.job.result?.['swapped'] === true) return await dropRetired(run)
  // Whoever cleans up behind a process that is gone may have another definition: what it was for must not become its own.
  run.signal.throwIfAborted()
  const partial = RebuildOptions.parse(run.job.options).from
  if (partial) return await rebuildFrom(run, partial)
  await assertWhole(run)
  const { session, projection, streams, database, job, report, signal } = run
  await assertRoom(run)
  const { from, made } = await begin(run)
  const table = besideOf(projection.name, 'shadow')
  const shadow = await openShadow(run, {
    table,
    intake:
      projection.onPoison === 'park'
        ? parkingIntake(projection, await loadParkingLot(session.client, projection.name, 'shadow'))
        : exactIntake(projection),
    expectedRows: await commitsIn(run),
    resumed: from.size > 0,
  })
  let events = job.events
  const flush = (positions: Positions, last?: (typeof shadow)['finish']) =>
    session.db.transaction().execute(async (tx) => {
      const writing = { client: session.client, tx }
      await shadow.flush(writing)
      await last?.(writing)
      await updateJob(tx, job, { positions: Object.fromEntries(positions), events })
    })
  const replay = await openReplay({
    streams,
    shadow,
    from,
    flush,
    onProgress(taken, left) {
      events += taken
      report({ events: taken, left })
    },
    limits: run.limits,
    signal,
  })
  try {
    report({ phase: 'replaying' })
    await replay.upTo(await ends(streams))
    report({ phase: 'indexing' })
    await flush(replay.positions, (writing) => shadow.finish(writing))
    // The planner is to know the new table before its first reader does.
    for (const built of await session.db
      .transaction()
      .execute((tx) => tablesOf(tx, database.schema, table))) {
      await session.client.query(`analyze ${quoted(built)}`)
    }
    await swapWhenCaughtUp(run, { replay, shadow, flush, made })
  } finally {
    await replay.close()
  }
  return await dropRetired({ ...run, job: { ...job, events } })
}

/** Throws away what a rebuild that was cancelled or has failed leaves. */
export async function abandonRebuild({ session, projection, database }: JobRun): Promise<void> {
  await session.db.transaction().execute(async (tx) => {
    await dropTables(tx, await tablesOf(tx, database.schema, besideOf(projection.name, 'shadow')))
    await tx
      .deleteFrom('tb_parked_event')
      .where('projection', '=', projection.name)
      .where('target', '=', 'shadow')
      .execute()
  })
}

/** Checks that a table which an earlier rebuild has kept can make room: better now than after all the work. */
async function assertRoom({ session, projection, database }: JobRun): Promise<void> {
  const { schema } = database
  const retired = besideOf(projection.name, 'retired')
  const others = await session.db
    .transaction()
    .execute(async (tx) => await builtOn(tx, schema, await tablesOf(tx, schema, retired)))
  if (others.length === 0) return
  throw new NotRebuildableError(
    projection.name,
    `${others.join(', ')} still reads ${retired}, the table of an earlier rebuild, which has to make room; drop it, or build it on ${viewOf(projection.name)}`,
  )
}

/**
 * The positions that an earlier attempt with this definition has come to, in these streams; or none, with the tables made anew.
 * And when the streams were made.
 */
async function begin(run: JobRun): Promise<{ from: Positions; made: Made }> {
  const { session, projection, streams, database, job } = run
  const now = await streamsNow(streams)
  const { made } = now
  const { schema } = database
  const table = besideOf(projection.name, 'shadow')
  const shape = shapeOf(projection)
  return await session.db.transaction().execute(async (tx) => {
    const tables = await tablesOf(tx, schema, table)
    const begun = new Map(Object.entries(job.positions))
    if (
      begun.size > 0 &&
      tables.includes(table) &&
      job.version === projection.version &&
      job.shape === shape &&
      isBegunOn(job, now)
    ) {
      await updateJob(tx, job, { result: keptOf(made) })
      return { from: begun, made }
    }
    await dropTables(tx, tables)
    await tx
      .deleteFrom('tb_parked_event')
      .where('projection', '=', projection.name)
      .where('target', '=', 'shadow')
      .execute()
    if (projection.kind === 'fold') await createColumns(tx, projection, table)
    else await createTables(tx, projection, schema, table)
    job.events = 0
    const { version } = projection
    await updateJob(tx, job, { version, shape, positions: {}, events: 0, result: keptOf(made) })
    return { from: new Map(), made }
  })
}

async function dropRetired({ session, projection, database, job, report, logger, signal }: JobRun) {
  const result = { swapped: true, events: job.events }
  if (job.options['keepOld'] === true) return { ...result, kept: besideOf(projection.name, 'retired') }
  report({ phase: 'dropping the old table' })
  await pause(GRACE_MS, signal)
  for (let attempt = 1; ; attempt++) {
    try {
      await session.client.query(`set lock_timeout = '500ms'`)
      await session.db
        .transaction()
        .execute(async (tx) =>
          dropTables(tx, await tablesOf(tx, database.schema, besideOf(projection.name, 'retired'))),
        )
      return result
    } catch (error) {
      if (signal.aborted) throw error
      if (isTransientInDatabase(error) && attempt < DROP_ATTEMPTS) {
        await pause(DROP_PAUSE_MS * attempt, signal)
        continue
      }
      // The new table is in place: that somebody has built a view on the old one must not undo it.
      logger.warn(
        { err: error, projection: projection.name },
        'the table that was replaced could not be dropped; it is kept, drop it by hand',
      )
      return { ...result, kept: besideOf(projection.name, 'retired') }
    }
  }
}
