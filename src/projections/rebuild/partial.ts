import { z } from 'zod'
import { rowTable } from '../batch/row-table.ts'
import { tableOf } from '../definition/identifiers.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import type { JobRun } from '../jobs/run.ts'
import { loadCheckpoints } from '../positions/checkpoint.ts'
import { tableState } from '../tables/table-state.ts'
import { type Deriving, deriveRows } from './derive-rows.ts'
import { type From, touchedIds } from './touched-ids.ts'
import { assertSame, assertWhole } from './whole.ts'

/** What an interrupted attempt has left: the last id that it had done. */
const Progress = z.object({ cursor: z.string().default('') })

/** Aggregates whose rows are written in one transaction. */
const CHUNK = 250

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
    const derived = await deriveRows(deriving, chunk)
    rows += derived.rows
    failed += derived.failed
    run.report({ events: derived.events, left: ids.length - at - chunk.length })
  }
  return { partial: true, aggregates: ids.length, rows, ...(failed > 0 && { failed }) }
}
