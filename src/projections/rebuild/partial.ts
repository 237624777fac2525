import type { Transaction } from 'kysely'
import { z } from 'zod'
import { type Commit, MalformedCommitError, lastVersion } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { eventSubject } from '../../streams/events/subjects.ts'
import { type Checkpoint, holdCheckpoints, loadCheckpoints } from '../positions/checkpoint.ts'
import { BatchCommitError, decodeBatch } from '../batch/decode-batch.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'
import { tableOf } from '../definition/identifiers.ts'
import { isRefusedRow, reason } from '../errors.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import { updateJob } from '../jobs/job.ts'
import type { JobRun } from '../jobs/run.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { type RowTable, rowTable } from '../batch/row-table.ts'
import { sourcesByName } from '../sources/source-streams.ts'
import { tableState } from '../tables/table-state.ts'
import { foldCommits } from './fold-commits.ts'
import { ends } from './replay.ts'
import { assertSame, assertWhole } from './whole.ts'

/** What an interrupted attempt has left: the last id that it had done. */
const Progress = z.object({ cursor: z.string().default('') })

/** Where a partial rebuild begins. */
export type From = { sequence: number } | { time: string }

/** Aggregates whose rows are written in one transaction. */
const CHUNK = 250
/** Histories read at the same time. */
const CONCURRENCY = 32
/** Past this many versions a history is read by one scan of its subject, alone, and not commit by commit from its end. */
const LONG_HISTORY = 1000
/** Their ids are held in memory; past that a whole rebuild is no more work. */
const MOST_AGGREGATES = 1_000_000
const BATCH = 2000
/** Rows of a chunk that are named where they fail. */
const TOLD = 10

/**
 * Derives again, from its whole history, every row whose aggregate has an event recorded at or after a moment; the other
 * rows stay as they are. It writes to the live table, some rows in each transaction, between the batches of its runner.
 * Where events are parked, a row with one that cannot be applied (it was dropped, say) stays as it is, too, and is told of.
 *
 * @throws NotRebuildableError where a row is not that of one aggregate, or the log is another: only a whole rebuild is exact there
 */
export async function rebuildFrom(run: JobRun, from: From): Promise<Record<string, unknown>> {
  const { projection } = run
  const [stream, ...others] = run.streams
  const [aggregate, ...further] = stream?.aggregates ?? []
  if (
    projection.kind !== 'fold' ||
    !projection.keyedByAggregate ||
    !stream ||
    aggregate === undefined ||
    others.length + further.length > 0
  ) {
    throw new NotRebuildableError(
      projection.name,
      'its rows are made of the events of several aggregates; rebuild it as a whole, without --from',
    )
  }
  await assertWhole(run)
  if ((await tableState(run.session.db, projection, run.streams)) !== 'current') {
    throw new NotRebuildableError(projection.name, 'its definition has changed, which needs a whole rebuild')
  }
  await assertSame(run, await loadCheckpoints(run.session.db, projection.name))
  const ids = await touchedIds(run, from)
  const { cursor } = Progress.parse(run.job.result ?? {})
  run.report({ phase: 'deriving', left: ids.length })
  const deriving: Deriving = {
    run,
    projection,
    log: stream.log,
    aggregate,
    rows: rowTable(projection, tableOf(projection.name)),
  }
  let rows = 0
  let failed = 0
  for (let at = 0; at < ids.length; at += CHUNK) {
    run.signal.throwIfAborted()
    const chunk = ids.slice(at, at + CHUNK)
    // An earlier attempt has done these.
    if ((chunk.at(-1) ?? '') <= cursor) continue
    const derived = await derive(deriving, chunk)
    rows += derived.rows
    failed += derived.failed
    run.report({ events: derived.events, left: ids.length - at - chunk.length })
  }
  return { partial: true, aggregates: ids.length, rows, ...(failed > 0 && { failed }) }
}

interface Deriving {
  run: JobRun
  projection: FoldProjection
  log: EventLog
  /** The type of the aggregates. */
  aggregate: string
  rows: RowTable
}

/** The ids of the aggregates with an event since then, in order. */
async function touchedIds(run: JobRun, from: From): Promise<string[]> {
  const { projection, streams, report, signal } = run
  report({ phase: 'looking for aggregates' })
  const targets = await ends(streams)
  const sources = await Promise.all(
    streams.map(async (stream) => ({ stream, after: await startOf(stream.log, from) })),
  )
  const ids = new Set<string>()
  const positions = new Map(sources.map(({ stream, after }) => [stream.log.stream, after]))
  // What is no commit is parked, or halts the projection: either way it is not for here to end at.
  const queue = await openCommitQueue({ sources, buffer: BATCH * 4, malformed: 'keep' })
  try {
    while ([...targets].some(([stream, target]) => (positions.get(stream) ?? 0) < target)) {
      const commits = await queue.peek(BATCH, signal)
      for (const { id, position } of commits) {
        ids.add(id)
        positions.set(position.stream, position.sequence)
      }
      queue.drop(commits.length)
      report({ left: queue.backlog().events })
      if (ids.size <= MOST_AGGREGATES) continue
      throw new NotRebuildableError(
        projection.name,
        `more than ${MOST_AGGREGATES.toLocaleString('en')} aggregates have events since then; rebuild it as a whole`,
      )
    }
  } finally {
    await queue.close()
  }
  return [...ids].sort()
}

async function startOf(log: EventLog, from: From): Promise<number> {
  return 'time' in from ? await log.sequenceBefore(new Date(from.time)) : from.sequence - 1
}

interface Derived {
  events: number
  rows: number
  /** Rows that are as they were: an event of theirs cannot be applied. */
  failed: number
}

/** A row on its way: what the events up to some sequence have made of it. */
interface Draft {
  id: string
  subject: string
  row: Row | null
  events: number
  /** Why there is no row to be had. */
  failure?: unknown
}

/**
 * Derives the rows of some aggregates. Their histories are read up to where the live table is; then the lock on its
 * checkpoint holds its runner, and only what that has applied meanwhile is left to be read.
 */
async function derive(deriving: Deriving, ids: string[]): Promise<Derived> {
  const { run, projection } = deriving
  const { session, job } = run
  const before = appliedOf(await loadCheckpoints(session.db, projection.name), deriving)
  const blocked = await waitingAmong(session.db, projection.name, ids)
  const drafts = ids.filter((id) => !blocked.has(id)).map((id) => newDraft(deriving, id))
  await foldAll(deriving, drafts, before)
  const derived = await session.db.transaction().execute(async (tx) => {
    const applied = appliedOf(await holdCheckpoints(tx, projection.name), deriving)
    // What was parked meanwhile is up to there, and is not to be folded.
    const waiting = await waitingAmong(tx, projection.name, ids)
    const whole = drafts.filter(({ id }) => !waiting.has(id))
    await inParallel(whole, (draft) =>
      attempt(deriving, draft, () => foldRest(deriving, draft, before, applied)),
    )
    await writeRows(deriving, whole.filter(isDerived))
    await updateJob(tx, job, { result: { cursor: ids.at(-1) ?? '' } })
    return whole
  })
  const done = derived.filter(isDerived)
  tellFailed(
    run,
    derived.filter((draft) => !isDerived(draft)),
  )
  return {
    events: done.reduce((sum, { events }) => sum + events, 0),
    rows: done.length,
    failed: derived.length - done.length,
  }
}

/** Folds histories up to a sequence. */
async function foldAll(deriving: Deriving, drafts: readonly Draft[], upTo: number): Promise<void> {
  const long: Draft[] = []
  await inParallel(drafts, (draft) =>
    attempt(deriving, draft, async () => {
      if (!(await foldShort(deriving, draft, upTo))) long.push(draft)
    }),
  )
  for (const draft of long) await attempt(deriving, draft, () => foldLong(deriving, draft, upTo))
}

const isDerived = ({ failure }: Draft) => failure === undefined

/** Works on a row. What an event of its own fails with is its own, too: the other rows are derived all the same. */
async function attempt({ projection }: Deriving, draft: Draft, work: () => Promise<unknown>): Promise<void> {
  if (!isDerived(draft)) return
  try {
    await work()
  } catch (error) {
    const isItsOwn =
      error instanceof BatchCommitError || error instanceof MalformedCommitError || isRefusedRow(error)
    // A projection that halts is not to go past it here either.
    if (!isItsOwn || projection.onPoison === 'halt') throw error
    draft.failure = error
  }
}

/** Writes the rows; one by one where PostgreSQL refuses one of them. */
async function writeRows(deriving: Deriving, drafts: readonly Draft[]): Promise<void> {
  const { rows, run } = deriving
  const { client } = run.session
  const write = async (some: readonly Draft[]) => {
    await client.query('savepoint derived')
    try {
      const upserts = some.flatMap(({ row }) => (row ? [row] : []))
      await rows.write(client, { upserts, deletes: some.filter(({ row }) => !row).map(({ id }) => id) })
    } catch (error) {
      if (isRefusedRow(error)) await client.query('rollback to savepoint derived')
      throw error
    }
  }
  try {
    await write(drafts)
  } catch (error) {
    if (!isRefusedRow(error)) throw error
    for (const draft of drafts) await attempt(deriving, draft, () => write([draft]))
  }
}

function tellFailed({ logger, projection: { name } }: JobRun, failed: readonly Draft[]): void {
  const [first] = failed
  if (!first) return
  logger.warn(
    { projection: name, rows: failed.length, ids: failed.slice(0, TOLD).map(({ id }) => id) },
    `rows whose events cannot be applied are left as they are: ${first.id}: ${reason(first.failure)}`,
  )
}

function newDraft({ run, aggregate }: Deriving, id: string): Draft {
  return { id, subject: eventSubject(run.namespace, aggregate, id), row: null, events: 0 }
}

/** The sequence that the live table has applied. */
function appliedOf(checkpoints: readonly Checkpoint[], { log }: Deriving): number {
  return checkpoints.find(({ stream }) => stream === log.stream)?.sequence ?? 0
}

/** Folds a history up to a sequence; false, and nothing done, when it is a long one. */
async function foldShort(deriving: Deriving, draft: Draft, upTo: number): Promise<boolean> {
  // From the leader: another replica may not have it yet.
  const last = await deriving.log.read.leaderLast(draft.subject)
  if (!last) return true
  if (lastVersion(last) > LONG_HISTORY) return false
  fold(deriving, draft, await between(deriving, last, 0, upTo))
  return true
}

async function foldLong(deriving: Deriving, draft: Draft, upTo: number): Promise<void> {
  for await (const commit of deriving.log.read.since(draft.subject, 0)) {
    if (commit.position.sequence > upTo) break
    fold(deriving, draft, [commit])
  }
}

/** Folds what is after one sequence, up to another. */
async function foldRest(deriving: Deriving, draft: Draft, after: number, upTo: number): Promise<void> {
  const last = await deriving.log.read.leaderLast(draft.subject)
  if (last && last.position.sequence > after) {
    fold(deriving, draft, await between(deriving, last, after, upTo))
  }
}

/** The commits after one sequence up to another, oldest first; `last` is the last that there is. */
async function between(
  { log, run, aggregate }: Deriving,
  last: Commit,
  after: number,
  upTo: number,
): Promise<Commit[]> {
  const commits: Commit[] = []
  for await (const commit of log.read.backwards(eventSubject(run.namespace, aggregate, last.id), last)) {
    if (commit.position.sequence <= after) break
    if (commit.position.sequence <= upTo) commits.push(commit)
  }
  return commits.toReversed()
}

function fold({ projection }: Deriving, draft: Draft, commits: Commit[]): void {
  const batch = decodeBatch(projection, sourcesByName(projection), commits)
  foldCommits(projection, { get: () => draft.row, set: (_, row) => void (draft.row = row) }, commits, batch)
  draft.events += batch.events.length
}

/** Aggregates with events that are left out: their rows are for the runner to mend, in order. */
async function waitingAmong(
  db: JobRun['session']['db'] | Transaction<KernelTables>,
  projection: string,
  ids: string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('tb_parked_event')
    .select('aggregate_id as id')
    .distinct()
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where('aggregate_id', 'in', ids)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

async function inParallel<T>(list: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < list.length) {
      const item = list[next++]
      if (item !== undefined) await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker))
}
