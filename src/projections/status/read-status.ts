import type { Kysely } from 'kysely'
import { MalformedCommitError } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { lastSequence } from '../sources/log-end.ts'
import { FIGURES_LAST_MS } from './record-figures.ts'
import { type RebuildStatus, readRebuilds } from './read-rebuilds.ts'
import { type WaitingEvents, readWaiting } from '../parking/read-waiting.ts'

/** A projection as any process can see it, from its tables and the logs. */
export interface RecordedStatus extends WaitingEvents {
  name: string
  version: number
  table: string
  /** What its runner last said: `up`, `down`. Of a runner that is gone without a word it says nothing. */
  state: string
  lastError: string | null
  /** By stream; `last` is the last commit that concerns the projection. Undefined where the log is not given, or does not answer. */
  positions: Record<string, { applied: number; last: number | undefined; updatedAt: string }>
  /** How far the streams are ahead, in sequences: an upper bound of the commits that wait; 0 when caught up. */
  pending: number
  /** The age of the oldest commit that is not applied yet, in milliseconds; 0 when caught up. */
  lagMs: number
  /** Events a second, and commits in the last batch, as the runner has said within the last seconds; null when it has not. */
  ratePerSecond: number | null
  batchSize: number | null
  /** The last rebuild, or the one that runs. */
  rebuild: RebuildStatus | null
}

/**
 * Reads the status of every projection that the database knows.
 * @param logs the logs, by anything; each once is enough
 */
export async function readStatus(
  db: Kysely<KernelTables>,
  logs: Iterable<EventLog>,
): Promise<RecordedStatus[]> {
  const byStream = new Map([...logs].map((log) => [log.stream, log]))
  const projections = await db.selectFrom('tb_projection').selectAll().orderBy('name').execute()
  const checkpoints = await db.selectFrom('tb_projection_checkpoint').selectAll().orderBy('stream').execute()
  const [rebuilds, waiting] = await Promise.all([readRebuilds(db), readWaiting(db)])
  return await Promise.all(
    projections.map(
      async ({ name, version, table_name, state, last_error, rate, batch_size, figures_at }) => {
        const isFresh = figures_at !== null && Date.now() - Date.parse(figures_at) < FIGURES_LAST_MS
        const status: RecordedStatus = {
          name,
          version,
          table: table_name,
          state,
          lastError: last_error,
          positions: {},
          pending: 0,
          lagMs: 0,
          ratePerSecond: isFresh ? rate : null,
          batchSize: isFresh ? batch_size : null,
          rebuild: rebuilds.get(name) ?? null,
          ...(waiting.get(name) ?? { parked: 0, queued: 0 }),
        }
        for (const { projection, stream, subjects, sequence, updated_at } of checkpoints) {
          if (projection !== name) continue
          const log = byStream.get(stream)
          const last = log && (await lastSequence(log, subjects).catch(unknown))
          status.positions[stream] = { applied: sequence, last, updatedAt: updated_at }
          if (!log || last === undefined || last <= sequence) continue
          status.pending += last - sequence
          status.lagMs = Math.max(status.lagMs, await lagOf(log, subjects, sequence))
        }
        return status
      },
    ),
  )
}

/** A log that does not answer leaves its end unknown: what the database has is wanted then more than ever. */
function unknown(error: unknown): undefined {
  if (!(error instanceof LogUnavailableError)) throw error
}

async function lagOf(log: EventLog, subjects: string[], after: number): Promise<number> {
  const ages = subjects.map(async (subject) => {
    try {
      for await (const { recordedAt } of log.read.since(subject, after)) return Date.now() - recordedAt
    } catch (error) {
      if (!(error instanceof MalformedCommitError)) throw error
    }
    return 0
  })
  return Math.max(0, ...(await Promise.all(ages)))
}
