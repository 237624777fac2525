import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'

/** Names the folder of `prepared-data.ts`. Not set outside vitest: the benchmarks start on empty folders. */
export const PREPARED_DATA = 'PREPARED_TEST_DATA'

/**
 * Puts a PostgreSQL that has had its first start, with the database `headwater` and its password, into a data folder, which
 * is created. A first start takes 1.3 s of the processor and the suite makes a hundred; a copy takes 0.1 s. Who comes
 * first prepares what the others copy. Leaves the folder empty while it is not ready yet, and where the data has to be
 * elsewhere: then PostgreSQL makes its own.
 */
export async function fillDataFolder(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true })
  const prepared = process.env[PREPARED_DATA]
  if (prepared === undefined || !(await isReady(prepared))) return
  const files = ['postgres', 'postgres.password'].map((name) => join(prepared, name))
  if (!files.every((file) => existsSync(file))) return
  // `cp -a` and not cpSync: the files are of the user as whom PostgreSQL runs.
  await promisify(execFile)('cp', ['-a', ...files, dataDir])
}

async function isReady(prepared: string): Promise<boolean> {
  const ready = join(prepared, 'ready')
  if (existsSync(ready)) return true
  if (!isFirst(prepared)) return false
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const options = { dataDir: prepared, host: '127.0.0.1', port: 0, database: 'headwater', logger }
  const server = await startEmbeddedPostgres(options)
  await server.stop()
  writeFileSync(ready, '')
  return true
}

/** True for one of all who ask: only one process can make a folder. */
function isFirst(prepared: string): boolean {
  try {
    mkdirSync(join(prepared, 'taken'))
    return true
  } catch {
    return false
  }
}
