import { type Kysely, sql } from 'kysely'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { tableState } from '../tables/table-state.ts'
import { shapeOf } from '../definition/shape.ts'
import { type Job, loadJob, requestJob } from './job.ts'

/** The table is of an older definition, and building it anew with this one has failed: the old one goes on serving. */
class DefinitionRebuildFailedError extends HeadwaterError {
  constructor(projection: string, version: number, why: string) {
    super({
      code: 'PROJECTION_REBUILD_FAILED',
      status: 500,
      detail: `The projection ${projection} could not be rebuilt for version ${version} of its definition, and is served as it was: ${why}. Mend it and start again, or ask for it with \`headwater projections rebuild ${projection}\``,
    })
  }
}

/** Whoever works on a job says so twice a second. */
const SILENCE = sql<string>`now() - interval '5 seconds'`

/**
 * Asks for the rebuild that a changed definition needs, unless it is asked for already.
 *
 * @returns true when it was asked for now
 * @param since a failure after this moment is not tried again: what failed once with this code will fail again
 * @throws DefinitionRebuildFailedError when it has failed
 */
export async function requestForDefinition(
  db: Kysely<KernelTables>,
  projection: ProjectionDefinition,
  streams: readonly SourceStream[],
  since: Date,
): Promise<boolean> {
  const definition = { version: projection.version, shape: shapeOf(projection) }
  const job = await loadJob(db, projection.name, 'rebuild')
  if (job?.state === 'waiting' || job?.state === 'running') {
    if (isForAnother(job, definition)) await cancelSilent(db, job)
    return false
  }
  const ours = job?.version === definition.version && job.shape === definition.shape
  if (ours && job.state === 'failed' && new Date(job.finished_at ?? 0) >= since) {
    throw new DefinitionRebuildFailedError(
      projection.name,
      projection.version,
      job.error ?? 'no reason given',
    )
  }
  // Cancelled by a person: it stays so until the next start, or until somebody asks for it.
  if (ours && job.state === 'cancelled' && new Date(job.finished_at ?? 0) >= since) return false
  // What was at work a moment ago has swapped its table in by now, if it is done.
  if ((await tableState(db, projection, streams)) !== 'outdated') return false
  const asked = await requestJob(db, {
    projection: projection.name,
    kind: 'rebuild',
    options: { reason: 'definition' },
    definition,
  })
  return asked !== undefined
}

/** Whether the job can be done by processes of a definition alone that this one has come to replace. */
function isForAnother({ version, shape }: Job, ours: { version: number; shape: string }): boolean {
  return version !== null && (version < ours.version || (version === ours.version && shape !== ours.shape))
}

/** During a rolling deploy the processes that began it may all be gone: nobody would ever end it. */
async function cancelSilent(db: Kysely<KernelTables>, { projection, kind, id }: Job): Promise<void> {
  await db
    .updateTable('tb_projection_job')
    .set({ cancel_requested: true })
    .where('projection', '=', projection)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .where('updated_at', '<', SILENCE)
    .execute()
}
