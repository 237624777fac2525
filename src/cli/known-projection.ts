import type { Kysely } from 'kysely'
import type { KernelTables } from '../projections/database/kernel-tables.ts'
import { HeadwaterError } from '../streams/errors.ts'

/** Throws UNKNOWN_PROJECTION, and says which there are, unless the database has a projection of this name. */
export async function assertProjection(db: Kysely<KernelTables>, name: string): Promise<void> {
  const rows = await db.selectFrom('tb_projection').select('name').orderBy('name').execute()
  if (rows.some((row) => row.name === name)) return
  throw new HeadwaterError({
    code: 'UNKNOWN_PROJECTION',
    status: 404,
    detail: `There is no projection ${JSON.stringify(name)}; there are ${rows.map((row) => row.name).join(', ') || 'none'}`,
  })
}
