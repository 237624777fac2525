import type { Kysely } from 'kysely'
import type { EventLog } from '../streams/event-log.ts'
import type { KernelTables } from './kernel-tables.ts'

/** A projection as any process can see it, from its tables and the logs. */
export interface RecordedStatus {
  name: string
  version: number
  table: string
  /** What its runner last said: `up`, `down`. Of a runner that is gone without a word it says nothing. */
  state: string
  lastError: string | null
  /** By stream; `last` is the last commit that concerns the projection. Undefined where no log is given for the stream. */
  positions: Record<string, { applied: number; last: number | undefined; updatedAt: string }>
  /** How far the streams are ahead, in sequences: an upper bound of the commits that wait; 0 when caught up. */
  pending: number
  /** The age of the oldest commit that is not applied yet, in milliseconds; 0 when caught up. */
  lagMs: number
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
  return await Promise.all(
    projections.map(async ({ name, version, table_name, state, last_error }) => {
      const status: RecordedStatus = {
        name,
        version,
        table: table_name,
        state,
        lastError: last_error,
        positions: {},
        pending: 0,
        lagMs: 0,
      }
      for (const { projection, stream, subjects, sequence, updated_at } of checkpoints) {
        if (projection !== name) continue
        const log = byStream.get(stream)
        const last = log && (await lastSequence(log, subjects))
        status.positions[stream] = { applied: sequence, last, updatedAt: updated_at }
        if (!log || last === undefined || last <= sequence) continue
        status.pending += last - sequence
        status.lagMs = Math.max(status.lagMs, await lagOf(log, subjects, sequence))
      }
      return status
    }),
  )
}

async function lastSequence(log: EventLog, subjects: string[]): Promise<number> {
  const commits = await Promise.all(subjects.map((subject) => log.read.last(subject)))
  return Math.max(0, ...commits.map((commit) => commit?.position.sequence ?? 0))
}

async function lagOf(log: EventLog, subjects: string[], after: number): Promise<number> {
  const ages = subjects.map(async (subject) => {
    for await (const { recordedAt } of log.read.since(subject, after)) return Date.now() - recordedAt
    return 0
  })
  return Math.max(0, ...(await Promise.all(ages)))
}
