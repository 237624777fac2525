import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Names the folder that `prepared-data.ts` has made. Not set outside vitest: the benchmarks make their own. */
export const PREPARED_DATA = 'PREPARED_TEST_DATA'

/**
 * Puts a PostgreSQL that has had its first start, with the database `headwater` and its password, into a data folder.
 * Leaves the folder empty where none was prepared, or where its data had to be elsewhere: then PostgreSQL makes its own.
 */
export async function fillDataFolder(dataDir: string): Promise<void> {
  const prepared = process.env[PREPARED_DATA]
  if (prepared === undefined || !existsSync(join(prepared, 'postgres', 'PG_VERSION'))) return
  // `cp -a` and not cpSync: the files are of the user as whom PostgreSQL runs.
  await promisify(execFile)('cp', [
    '-a',
    join(prepared, 'postgres'),
    join(prepared, 'postgres.password'),
    dataDir,
  ])
}
