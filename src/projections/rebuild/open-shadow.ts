import type { JobRun } from '../jobs/run.ts'
import { openFoldShadow } from './fold-shadow.ts'
import type { Shadow } from './shadow.ts'
import { openSqlShadow } from './sql-shadow.ts'

/** Opens a table beside the live one to be filled from the log, as the projection's kind asks for. */
export async function openShadow(
  { session, projection }: JobRun,
  { table, expectedRows, resumed }: { table: string; expectedRows: number; resumed: boolean },
): Promise<Shadow> {
  if (projection.kind === 'sql') return openSqlShadow(projection, table)
  return await openFoldShadow({ session, projection, table, expectedRows, resumed })
}
