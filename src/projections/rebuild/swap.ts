import { type Selectable, type Transaction, sql } from 'kysely'
import {
  type Checkpoint,
  type Positions,
  holdCheckpoints,
  sequencesBetween,
} from '../positions/checkpoint.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { SupersededError, isTransientInDatabase, reason } from '../errors.ts'
import { besideOf, tableOf, viewOf } from '../definition/identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import type { KernelTables, ProjectionTable } from '../database/kernel-tables.ts'
import { channelOf, encodeNotice } from '../positions/notices.ts'
import { createView, dropTables, tablesOf } from '../tables/prepare-table.ts'
import type { Session } from '../database/session.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { type Made, streamsNow } from '../sources/streams-now.ts'
import { shapeOf } from '../definition/shape.ts'
import { copyRights, renameAll } from './rename.ts'
import { type Replay, capped } from './replay.ts'
import type { Shadow } from './shadow.ts'

export interface SwapOptions {
  session: Session
  projection: ProjectionDefinition
  schema: string
  streams: SourceStream[]
  /** When the streams were made that the shadow is filled from. */
  made: Made
  shadow: Shadow
  replay: Replay
  /** What else is to change in the same transaction. */
  alongside: (tx: Transaction<KernelTables>) => Promise<void>
}

/** How long readers may have to wait behind us, while we wait for those before us. */
const LOCK_TIMEOUT = '500ms'
/** The most commits that are taken while the live table's runner, and in the end its readers, are held up: some 50 ms. */
const SMALL_REST = { fold: 2000, sql: 200 }

/**
 * Puts the shadow in the live table's place, with its checkpoints, in one transaction: a reader sees the one or the other,
 * whole. The live table's runner is held by the lock on its checkpoint, so that the shadow can be brought exactly as far.
 *
 * @returns `behind` when there is more to catch up with than is done under a lock; `locked` when readers kept the table
 *   for too long. Nothing has changed then
 * @throws SupersededError when a newer definition has been put there meanwhile; NotRebuildableError when something of
 *   others' stands in the way; the driver's error when what the shadow had in memory is gone with the transaction: it is
 *   then to be opened again, as after a crash
 */
export async function swap(options: SwapOptions): Promise<'swapped' | 'behind' | 'locked'> {
  let isFlushed = false
  try {
    return await options.session.db
      .transaction()
      .execute((tx) => swapIn(tx, options, () => (isFlushed = true)))
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE && !isFlushed) return 'locked'
    if (codeOf(error) !== DEPENDENT_OBJECTS) throw error
    throw new NotRebuildableError(
      options.projection.name,
      `something of others' stands in the way: ${told(error)}`,
    )
  }
}

async function swapIn(
  tx: Transaction<KernelTables>,
  options: SwapOptions,
  onFlush: () => void,
): Promise<'swapped' | 'behind'> {
  const { projection, streams, made, replay, alongside } = options
  const { name, version } = projection
  await sql`set local lock_timeout = ${sql.lit(LOCK_TIMEOUT)}`.execute(tx)
  const checkpoints = await holdCheckpoints(tx, name)
  const recorded = await tx
    .selectFrom('tb_projection')
    .selectAll()
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirstOrThrow()
  if (recorded.version > version) throw new SupersededError(name, version, recorded.version)

  // Before it is asked how much is left: what the replay never meets is nothing to catch up with.
  const reached = await capped(reachedBy(checkpoints, made), streams)
  if (sequencesBetween(replay.positions, reached) > SMALL_REST[projection.kind]) return 'behind'
  await replay.takeUpTo(reached)
  await assertStill(options)
  const tables = await exchangeTables(tx, options, recorded.tables, onFlush)
  await recordSwap(tx, options, { recorded, checkpoints, tables })
  await alongside(tx)
  return 'swapped'
}

/** Puts the shadow in the place of the live tables, with their rights and under the view. Answers the tables that are live then. */
async function exchangeTables(
  tx: Transaction<KernelTables>,
  { session, projection: { name }, schema, shadow }: SwapOptions,
  tables: readonly string[],
  onFlush: () => void,
): Promise<string[]> {
  const live = tableOf(name)
  const [retired, built] = [besideOf(name, 'retired'), besideOf(name, 'shadow')]
  // The view first, as its readers do. After this nothing waits any more: what is flushed below is not to be rolled back.
  const kept = await tablesOf(tx, schema, retired)
  const locked = [viewOf(name), ...tables, ...(await tablesOf(tx, schema, built)), ...kept]
  await sql`lock table ${sql.join(locked.map((table) => sql.table(table)))} in access exclusive mode`.execute(
    tx,
  )
  // One that was kept at an earlier time.
  await dropTables(tx, kept)
  onFlush()
  await shadow.flush({ client: session.client, tx })
  await renameAll(tx, schema, live, retired)
  await renameAll(tx, schema, built, live)
  const rebuilt = await tablesOf(tx, schema, live)
  for (const table of rebuilt) await copyRights(tx, `${retired}${table.slice(live.length)}`, table)
  await replaceView(tx, name, live)
  return rebuilt
}

interface Swapped {
  recorded: Selectable<ProjectionTable>
  checkpoints: readonly Checkpoint[]
  tables: string[]
}

/** Brings what the kernel knows of the projection to what it is now, and says so to whoever waits for a position. */
async function recordSwap(
  tx: Transaction<KernelTables>,
  { projection, schema, streams, made, replay }: SwapOptions,
  { recorded, checkpoints, tables }: Swapped,
): Promise<void> {
  const { name, version } = projection
  const shape = shapeOf(projection)
  const generation = Math.max(0, ...checkpoints.map((checkpoint) => checkpoint.generation)) + 1
  await tx.deleteFrom('tb_projection_checkpoint').where('projection', '=', name).execute()
  await tx
    .insertInto('tb_projection_checkpoint')
    .values(
      streams.map(({ log, subjects }) => ({
        projection: name,
        stream: log.stream,
        stream_created: made.get(log.stream) ?? log.created,
        subjects,
        sequence: replay.positions.get(log.stream) ?? 0,
        recorded_sequence: replay.positions.get(log.stream) ?? 0,
        recorded_at: replay.recorded.get(log.stream) ?? null,
        generation,
      })),
    )
    .execute()
  const retiredShapes = recorded.version === version ? [...recorded.retired_shapes, recorded.shape] : []
  await tx
    .updateTable('tb_projection')
    .set({
      version,
      shape,
      retired_shapes: retiredShapes.filter(
        (old, index) => old !== shape && retiredShapes.indexOf(old) === index,
      ),
      tables,
      state: 'up',
      last_error: null,
      updated_at: sql<string>`now()`,
    })
    .where('name', '=', name)
    .execute()
  await tx.deleteFrom('tb_parked_event').where('projection', '=', name).where('target', '=', 'live').execute()
  await tx
    .updateTable('tb_parked_event')
    .set({ target: 'live' })
    .where('projection', '=', name)
    .where('target', '=', 'shadow')
    .execute()
  const notice = encodeNotice({ projection: name, positions: Object.fromEntries(replay.positions) })
  await sql`select pg_notify(${channelOf(schema)}, ${notice})`.execute(tx)
}

/** Where the live table is, in the streams that still are the ones it was made from. */
function reachedBy(checkpoints: readonly Checkpoint[], made: Made): Positions {
  return new Map(
    checkpoints
      .filter(({ stream, created }) => made.get(stream) === created)
      .map(({ stream, sequence }) => [stream, sequence]),
  )
}

/** A consumer goes on by itself in a stream that was made anew: what is in the shadow would be of two. */
async function assertStill({ projection, streams, made }: SwapOptions): Promise<void> {
  const now = await streamsNow(streams)
  for (const [stream, created] of made) {
    if (now.made.get(stream) === created) continue
    throw new NotRebuildableError(
      projection.name,
      `the stream ${stream} was made anew while it was read; ask again`,
    )
  }
}

/** The view keeps its identity, and what others have built on it, where the columns allow that. */
async function replaceView(tx: Transaction<KernelTables>, name: string, table: string): Promise<void> {
  const view = viewOf(name)
  await sql`savepoint view`.execute(tx)
  try {
    await sql`create or replace view ${sql.table(view)} as select * from ${sql.table(table)}`.execute(tx)
  } catch (error) {
    if (isTransientInDatabase(error)) throw error
    await sql`rollback to savepoint view`.execute(tx)
    const kept = `${besideOf(name, 'retired')}_view`
    await sql`alter view ${sql.table(view)} rename to ${sql.table(kept)}`.execute(tx)
    await createView(tx, name, table)
    await copyRights(tx, kept, view)
    await sql`drop view ${sql.table(kept)}`.execute(tx)
  }
}

const LOCK_NOT_AVAILABLE = '55P03'
const DEPENDENT_OBJECTS = '2BP01'

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** What PostgreSQL says of the objects that depend on another: their names are in the detail. */
function told(error: unknown): string {
  return error instanceof Error && 'detail' in error && typeof error.detail === 'string'
    ? error.detail
    : reason(error)
}
