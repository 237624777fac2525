import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import { PREPARED_DATA } from './data-folder.ts'

/**
 * Vitest's global setup: one data folder in which PostgreSQL has had its first start, for `data-folder.ts` to copy. A
 * first start takes 1.3 s of the processor and the suite makes a hundred; a copy takes 0.1 s.
 */
export default async function prepareData(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-prepared-'))
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const options = { dataDir: folder, host: '127.0.0.1', port: 0, database: 'headwater', logger }
  const server = await startEmbeddedPostgres(options)
  await server.stop()
  process.env[PREPARED_DATA] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
