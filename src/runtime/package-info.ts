import { createRequire } from 'node:module'
import { z } from 'zod'

/** The package's own version, from its package.json: beside `src/` in the repository, beside `dist/` once published. */
export const { version } = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../../package.json'))
