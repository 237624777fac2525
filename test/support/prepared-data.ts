import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PREPARED_DATA } from './data-folder.ts'

/** Vitest's global setup: a folder for what `data-folder.ts` prepares once for all test files. */
export default function makeFolder(): (() => void) | undefined {
  // A vitest that a test runs takes that of the one around it.
  if (process.env[PREPARED_DATA] !== undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'headwater-prepared-'))
  process.env[PREPARED_DATA] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
