import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../../streams/logger.ts'

/**
 * Where the cluster is: in the data folder, unless nobody who may run PostgreSQL can get there. Then it is in a folder
 * elsewhere; `postgres.home.json` in the data folder says where, and `headwater.json` there says whose it is.
 */
export interface Home {
  folder: string
  elsewhere: boolean
}

const Record = z.object({ folder: z.string() })
const Marker = z.object({ dataDir: z.string() })
const recordFile = 'postgres.home.json'
const markerFile = 'headwater.json'

export function clusterIn(home: Home): string {
  return join(home.folder, 'postgres')
}

/** Where an earlier start put the cluster. */
export async function recordedHome(dataDir: string, logger: Logger): Promise<Home> {
  const inPlace = { folder: dataDir, elsewhere: false }
  const record = await readJson(join(dataDir, recordFile), Record)
  if (record === undefined) return inPlace
  const { folder } = record
  const marker = (await isOurs(folder)) ? await readJson(join(folder, markerFile), Marker) : undefined
  if (marker === undefined) {
    logger.warn(
      { folder },
      'the PostgreSQL data of this folder is gone or not safe to use: starting with an empty one',
    )
    return inPlace
  }
  if (marker.dataDir !== dataDir) {
    const original = await readJson(join(marker.dataDir, recordFile), Record)
    if (original?.folder === folder) {
      // A copied checkout: two servers on one cluster would destroy it.
      logger.warn(
        { folder, of: marker.dataDir },
        'the PostgreSQL data belongs to the original of this copied folder',
      )
      return inPlace
    }
    await writeFile(join(folder, markerFile), JSON.stringify({ dataDir }))
  }
  return { folder, elsewhere: true }
}

export async function recordHome(dataDir: string, home: Home): Promise<void> {
  const file = join(dataDir, recordFile)
  if (home.elsewhere) await writeFile(file, `${JSON.stringify({ folder: home.folder })}\n`)
  else await rm(file, { force: true })
}

/**
 * Makes a folder elsewhere, in each place that is fit for one. Its name has the data folder's hash, for a person who
 * looks for it, and an end that nobody can foresee, so that in a folder open to all nobody can be there first.
 */
export async function* newHomes(dataDir: string): AsyncGenerator<Home> {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  for (const place of places()) {
    if (!(await isSafePlace(place))) continue
    try {
      const folder = await mkdtemp(join(place, `headwater-${hash}-`))
      // Others may pass through to what they have rights on, but not look around.
      await chmod(folder, 0o711)
      await writeFile(join(folder, markerFile), JSON.stringify({ dataDir }))
      yield { folder, elsewhere: true }
    } catch {
      // Read-only, full, or not for this user: the next place.
    }
  }
}

/** Lasting ones first: the temporary folder may be emptied at a reboot. */
function places(): string[] {
  const own = process.getuid?.() === 0 ? '/var/lib' : join(homedir(), '.local', 'state')
  return [...new Set([own, '/var/tmp', tmpdir()])]
}

/** Whether nobody but root and this user can rename or replace what is in the folder. */
async function isSafePlace(folder: string): Promise<boolean> {
  try {
    if (folder.startsWith(homedir())) await mkdir(folder, { recursive: true, mode: 0o700 })
    const entry = await lstat(folder)
    const sticky = (entry.mode & 0o1000) !== 0
    return entry.isDirectory() && isTrusted(entry.uid) && (sticky || (entry.mode & 0o022) === 0)
  } catch {
    return false
  }
}

/** Whether a folder elsewhere is still the one that this user made. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    const entry = await lstat(folder)
    return entry.isDirectory() && entry.uid === process.getuid?.() && (entry.mode & 0o022) === 0
  } catch {
    return false
  }
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.()
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}
