import type { Kysely } from 'kysely'
import type { KernelTables } from '../database/kernel-tables.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { shapeOf } from '../definition/shape.ts'
import type { Job } from './job.ts'

/** Whether a process with this definition may do the job: it is the one asked for, and none that a newer has replaced. */
export async function isOurs(
  db: Kysely<KernelTables>,
  job: Job,
  projection: ProjectionDefinition,
): Promise<boolean> {
  // Whoever began it may be gone for good: what it left has to be cleaned up all the same.
  if (job.cancel_requested) return true
  const shape = shapeOf(projection)
  if (job.version !== null && (job.version !== projection.version || job.shape !== shape)) return false
  const recorded = await db
    .selectFrom('tb_projection')
    .select(['version', 'retired_shapes'])
    .where('name', '=', projection.name)
    .executeTakeFirst()
  if (!recorded) return false
  if (recorded.version !== projection.version) return recorded.version < projection.version
  return !recorded.retired_shapes.includes(shape)
}
