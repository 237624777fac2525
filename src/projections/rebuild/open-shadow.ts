import type { JobRun } from '../jobs/run.ts'
import { openFoldShadow } from './fold-shadow.ts'
import type { Intake } from './intake.ts'
import type { Shadow } from './shadow.ts'
import { openSqlShadow } from './sql-shadow.ts'

/** Opens a table beside the live one to be filled from the log, as the projection's kind asks for. */
export async function openShadow(
  { session, projection, limits }: JobRun,
  options: { table: string; intake: Intake; expectedRows: number; resumed: boolean },
): Promise<Shadow> {
  if (projection.kind === 'sql') return openSqlShadow(projection, options.table, options.intake)
  return await openFoldShadow({ ...options, session, projection, limits })
}
