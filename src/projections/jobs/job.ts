import { type Kysely, type Selectable, sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import type { JobTable, KernelTables } from '../database/kernel-tables.ts'

/**
 * Long-running work on a projection, as its row in `tb_projection_job` says. Whoever asks for it writes the row, a service
 * that has the definition does it. So it can be asked for from anywhere, outlives the process that does it, and goes on in
 * another.
 */
export type Job = Selectable<JobTable>
export type JobKind = Job['kind']

export interface JobRequest {
  projection: string
  kind: JobKind
  options: Record<string, unknown>
  /** When only a process with this version and shape of the definition may do it. */
  definition?: { version: number; shape: string }
}

/** Asks for a job. Undefined while one of this kind waits or runs for the projection: there is one at a time. */
export async function requestJob(db: Kysely<KernelTables>, request: JobRequest): Promise<string | undefined> {
  const id = randomUUID()
  const fields = {
    id,
    state: 'waiting' as const,
    phase: 'waiting',
    options: JSON.stringify(request.options),
    version: request.definition?.version ?? null,
    shape: request.definition?.shape ?? null,
    positions: '{}',
    events: 0,
    events_total: 0,
    rate: 0,
    error: null,
    result: null,
    cancel_requested: false,
    requested_at: sql<string>`now()`,
    started_at: null,
    finished_at: null,
    updated_at: sql<string>`now()`,
  }
  const asked = await db
    .insertInto('tb_projection_job')
    .values({ projection: request.projection, kind: request.kind, ...fields })
    .onConflict((conflict) =>
      conflict
        .columns(['projection', 'kind'])
        .doUpdateSet(fields)
        .where('tb_projection_job.state', 'not in', ['waiting', 'running']),
    )
    .returning('id')
    .executeTakeFirst()
  return asked?.id
}

/** Takes back what waits, and asks the one who runs it to stop. Answers whether there was one. */
export async function cancelJob(
  db: Kysely<KernelTables>,
  projection: string,
  kind: JobKind,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tb_projection_job')
    .set({
      cancel_requested: true,
      state: sql`case state when 'waiting' then 'cancelled' else state end`,
      finished_at: sql`case state when 'waiting' then now() else finished_at end`,
      updated_at: sql<string>`now()`,
    })
    .where('projection', '=', projection)
    .where('kind', '=', kind)
    .where('state', 'in', ['waiting', 'running'])
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function loadJob(
  db: Kysely<KernelTables>,
  projection: string,
  kind: JobKind,
): Promise<Job | undefined> {
  return await db
    .selectFrom('tb_projection_job')
    .selectAll()
    .where('projection', '=', projection)
    .where('kind', '=', kind)
    .executeTakeFirst()
}

/** Whoever works on a job says so twice a second; after so long without a word it is gone. */
const TENDED = sql<boolean>`state = 'running' and updated_at > now() - interval '3 seconds'`

/** Those that wait for somebody, or run, or ran in a process that is gone; and whether somebody is at it. */
export async function activeJobs(db: Kysely<KernelTables>): Promise<(Job & { isTended: boolean })[]> {
  return await db
    .selectFrom('tb_projection_job')
    .selectAll()
    .select(TENDED.as('isTended'))
    .where('state', 'in', ['waiting', 'running'])
    .orderBy('requested_at')
    .execute()
}

/** Changes the row of a job while that waits or runs. Undefined when it is over, or the row another job's. */
export async function updateJob(
  db: Kysely<KernelTables>,
  { projection, kind, id }: Pick<Job, 'projection' | 'kind' | 'id'>,
  changes: Partial<{
    state: Job['state']
    phase: string
    version: number
    shape: string
    positions: Record<string, number>
    events: number
    events_total: number
    rate: number
    error: string | null
    result: Record<string, unknown>
    started: boolean
    finished: boolean
  }>,
): Promise<{ cancelRequested: boolean } | undefined> {
  const { positions, result, started, finished, ...plain } = changes
  const row = await db
    .updateTable('tb_projection_job')
    .set({
      ...plain,
      ...(positions && { positions: JSON.stringify(positions) }),
      ...(result && { result: JSON.stringify(result) }),
      ...(started && { started_at: sql<string>`coalesce(started_at, now())` }),
      ...(finished && { finished_at: sql<string>`now()` }),
      updated_at: sql<string>`now()`,
    })
    .where('projection', '=', projection)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .returning('cancel_requested')
    .executeTakeFirst()
  return row && { cancelRequested: row.cancel_requested }
}
