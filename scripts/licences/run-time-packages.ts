import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export interface RunTimePackage {
  name: string
  version: string
  /** SPDX, as the package says it of itself. */
  licence: string
  /** Where it is installed, under the repository. */
  path: string
}

const LockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
    }),
  ),
})

/**
 * Every package that a user of the published one can get: those of all platforms, and the optional ones. By the lock file, which
 * knows of those too that are not for this machine.
 */
export function runTimePackages(): RunTimePackage[] {
  const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url))
  const { packages } = LockFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '', license = 'none' }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license,
      path,
    }))
}
