import type { Transaction } from 'kysely'
import { type Commit, MalformedCommitError, lastVersion } from '../../streams/events/commit.ts'
import { eventSubject } from '../../streams/events/subjects.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { BatchCommitError, decodeBatch } from '../batch/decode-batch.ts'
import type { RowTable } from '../batch/row-table.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'
import { isRefusedRow, reason } from '../errors.ts'
import { updateJob } from '../jobs/job.ts'
import type { JobRun } from '../jobs/run.ts'
import { type Checkpoint, holdCheckpoints, loadCheckpoints } from '../positions/checkpoint.ts'
import { sourcesByName } from '../sources/source-streams.ts'
import { foldCommits } from './fold-commits.ts'

/** Histories read at the same time. */
const CONCURRENCY = 32
/** Past this many versions a history is read by one scan of its subject, alone, and not commit by commit from its end. */
const LONG_HISTORY = 1000
/** Rows that are named where they fail. */
const TOLD = 10

/** Whose rows are derived again, and into which table. */
export interface Deriving {
  run: JobRun
  projection: FoldProjection
  log: EventLog
  /** The type of the aggregates. */
  aggregate: string
  rows: RowTable
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
 * checkpoint holds its runner, and only what that has applied meanwhile is left to be read. How far the job is goes with them.
 */
export async function deriveRows(deriving: Deriving, ids: string[]): Promise<Derived> {
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
