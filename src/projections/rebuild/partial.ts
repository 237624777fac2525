import type { Transaction } from 'kysely'
import { z } from 'zod'
import type { RecordedEvent } from '../../streams/recorded-event.ts'
import { eventSubject } from '../../streams/subjects.ts'
import { loadCheckpoints } from '../checkpoint.ts'
import { decodeBatch } from '../decode-batch.ts'
import type { FoldProjection } from '../definition.ts'
import { openFeed } from '../feed.ts'
import { foldBatch } from '../fold-batch.ts'
import { tableOf } from '../identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import { updateJob } from '../jobs/job.ts'
import type { JobRun } from '../jobs/run.ts'
import type { KernelTables } from '../kernel-tables.ts'
import { rowTable } from '../row-table.ts'
import { type SourceStream, sourcesByName } from '../source-streams.ts'
import { tableState } from '../table-state.ts'
import { ends } from './replay.ts'
import { assertWhole } from './whole.ts'

/** Where a partial rebuild begins. */
export type From = { sequence: number } | { time: string }

/** What an interrupted attempt has left: the last id that it had done. */
const Progress = z.object({ cursor: z.string().default('') })

/** Aggregates whose rows are derived in one transaction, while the live runner waits: some 50 ms. */
const CHUNK = 250
/** Histories read at the same time. */
const CONCURRENCY = 64
/** Their ids are held in memory; past that a whole rebuild is no more work. */
const MOST_AGGREGATES = 1_000_000
const BATCH = 2000

/**
 * Derives again, from its whole history, every row whose aggregate has an event recorded at or after a moment; the other
 * rows stay as they are. It writes to the live table, some rows in each transaction, between the batches of its runner.
 *
 * @throws NotRebuildableError where a row is not that of one aggregate: only a whole rebuild is exact there
 */
export async function rebuildFrom(run: JobRun, from: From): Promise<Record<string, unknown>> {
  const { projection } = run
  if (projection.kind !== 'fold' || !projection.keyedByAggregate) {
    throw new NotRebuildableError(
      projection.name,
      'its rows are made of the events of several aggregates; rebuild it as a whole, without --from',
    )
  }
  await assertWhole(run)
  if ((await tableState(run.session.db, projection, run.streams)) !== 'current') {
    throw new NotRebuildableError(projection.name, 'its definition has changed, which needs a whole rebuild')
  }
  const ids = await touchedIds(run, from)
  const cursor = Progress.parse(run.job.result ?? {}).cursor
  run.report({ phase: 'deriving', left: ids.length })
  let rows = 0
  for (let at = 0; at < ids.length; at += CHUNK) {
    run.signal.throwIfAborted()
    const chunk = ids.slice(at, at + CHUNK)
    // An earlier attempt has done these.
    if ((chunk.at(-1) ?? '') <= cursor) continue
    const derived = await derive(run, projection, chunk)
    rows += derived.rows
    run.report({ events: derived.events, left: ids.length - at - chunk.length })
  }
  return { partial: true, aggregates: ids.length, rows }
}

/** The ids of the aggregates with an event since then, in order. */
async function touchedIds(run: JobRun, from: From): Promise<string[]> {
  const { projection, streams, report, signal } = run
  report({ phase: 'looking for aggregates' })
  const targets = await ends(streams)
  const sources = await Promise.all(
    streams.map(async (stream) => ({
      stream,
      after: await startOf(projection.name, stream, from, streams.length),
    })),
  )
  const ids = new Set<string>()
  const positions = new Map(sources.map(({ stream, after }) => [stream.log.stream, after]))
  const feed = await openFeed({ sources, buffer: BATCH * 4 })
  try {
    while ([...targets].some(([stream, target]) => (positions.get(stream) ?? 0) < target)) {
      const commits = await feed.peek(BATCH, signal)
      for (const { id, position } of commits) {
        ids.add(id)
        positions.set(position.stream, position.sequence)
      }
      feed.drop(commits.length)
      report({ left: feed.backlog().events })
      if (ids.size <= MOST_AGGREGATES) continue
      throw new NotRebuildableError(
        projection.name,
        `more than ${MOST_AGGREGATES.toLocaleString('en')} aggregates have events since then; rebuild it as a whole`,
      )
    }
  } finally {
    await feed.close()
  }
  return [...ids].sort()
}

async function startOf(
  projection: string,
  { log }: SourceStream,
  from: From,
  streams: number,
): Promise<number> {
  if ('time' in from) return await log.sequenceBefore(new Date(from.time))
  if (streams === 1) return from.sequence - 1
  throw new NotRebuildableError(
    projection,
    'it reads several streams, and a sequence is one of one: name a time',
  )
}

interface Derived {
  events: number
  rows: number
}

/**
 * Derives the rows of some aggregates. The lock on the checkpoint holds the live runner, so that the rows belong to the
 * position that it is at.
 */
async function derive(run: JobRun, projection: FoldProjection, ids: string[]): Promise<Derived> {
  const { session, job } = run
  const rows = rowTable(projection, tableOf(projection.name))
  return await session.db.transaction().execute(async (tx) => {
    await tx
      .selectFrom('tb_projection_checkpoint')
      .select('stream')
      .where('projection', '=', projection.name)
      .forUpdate()
      .execute()
    const applied = new Map(
      (await loadCheckpoints(tx, projection.name)).map(({ stream, sequence }) => [stream, sequence]),
    )
    // What is left out of these is for the runner to put back, in order.
    const waiting = await waitingAmong(tx, projection.name, ids)
    const whole = ids.filter((id) => !waiting.has(id))
    const events = (await inParallel(whole, (id) => historyOf(run, projection, id, applied))).flat()
    const { upserts } = foldBatch(projection, new Map(), events)
    const kept = new Set(upserts.map((row) => row[projection.keyColumn]))
    await rows.write(session.client, { upserts, deletes: whole.filter((id) => !kept.has(id)) })
    await updateJob(tx, job, { result: { cursor: ids.at(-1) ?? '' } })
    return { events: events.length, rows: whole.length }
  })
}

async function waitingAmong(
  tx: Transaction<KernelTables>,
  projection: string,
  ids: string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('tb_parked_event')
    .select('aggregate_id as id')
    .distinct()
    .where('projection', '=', projection)
    .where('target', '=', 'live')
    .where('aggregate_id', 'in', ids)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** The events of an aggregate that the live table has applied. */
async function historyOf(
  { streams, namespace }: JobRun,
  projection: FoldProjection,
  id: string,
  applied: ReadonlyMap<string, number>,
): Promise<RecordedEvent[]> {
  const sources = sourcesByName(projection)
  const commits = []
  for (const { log, aggregates } of streams) {
    for (const aggregate of aggregates) {
      const subject = eventSubject(namespace, aggregate, id)
      const last = await log.leaderSequence(subject)
      if (last === 0) continue
      for await (const commit of log.read.forwards(subject, 1, last)) {
        if (commit.position.sequence <= (applied.get(log.stream) ?? 0)) commits.push(commit)
      }
    }
  }
  // Of several aggregates with one id: as they were recorded.
  if (streams.length > 1 || projection.from.length > 1) {
    commits.sort((a, b) =>
      a.position.stream === b.position.stream
        ? a.position.sequence - b.position.sequence
        : a.recordedAt - b.recordedAt,
    )
  }
  return decodeBatch(projection, sources, commits).events
}

async function inParallel<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < list.length) {
      const at = next++
      const item = list[at]
      if (item !== undefined) results[at] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker))
  return results
}
