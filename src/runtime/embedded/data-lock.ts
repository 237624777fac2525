import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedServerError, reason } from './errors.ts'
import { isRunning } from './orphan.ts'
import { until } from './poll.ts'

export interface DataLock {
  release(): Promise<void>
}

/**
 * A killed process holds its files until the kernel has taken it apart, which is a little after it
 * is seen to be dead. A lock whose owner lives is refused at once.
 */
const patienceMs = 1_000

/**
 * Makes this process the only owner of one server's data. Throws `DATA_FOLDER_IN_USE`, naming the owner.
 *
 * Node has no file locks of its own, and a file with a pid in it cannot be taken over without a race, mistakes a reused
 * pid for its owner, and says nothing between containers that share a volume. SQLite, which is inside Node, locks with
 * the kernel's record locks: gone with the process however it dies, so there is no stale lock and nothing to take over.
 * The database stays empty; only its lock is of use. Never read or delete the `.lock` file: closing any descriptor of it
 * drops a POSIX lock.
 */
export async function lockData(dataDir: string, server: 'nats' | 'postgres'): Promise<DataLock> {
  const ownerFile = join(dataDir, `${server}.owner`)
  const database = openLockFile(join(dataDir, `${server}.lock`))
  try {
    const owner = (): Promise<string> => readFile(ownerFile, 'utf8').catch(() => '')
    const answer = await until(
      async () =>
        tryLock(database) ? 'locked' : (await isRunning(Number.parseInt(await owner(), 10))) && 'refused',
      { timeoutMs: patienceMs },
    )
    if (answer !== 'locked') throw inUse(dataDir, server, await owner())
  } catch (error) {
    database.close()
    throw error instanceof EmbeddedServerError ? error : unusable(dataDir, error)
  }
  let released = false
  const release = async (): Promise<void> => {
    if (released) return
    released = true
    await rm(ownerFile, { force: true }).catch(() => undefined)
    database.close()
  }
  try {
    await writeFile(ownerFile, `${process.pid}\n`)
  } catch (error) {
    await release()
    throw unusable(dataDir, error)
  }
  return { release }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (reason(error).includes('locked')) return false
    throw error
  }
}

function openLockFile(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file)
  } catch (error) {
    throw unusable(file, error)
  }
}

function inUse(dataDir: string, server: string, owner: string): EmbeddedServerError {
  const pid = owner.trim()
  return new EmbeddedServerError(
    'DATA_FOLDER_IN_USE',
    `The ${server} data in ${dataDir} is in use by ${pid === '' ? 'another process' : `the process ${pid}`}. ` +
      `Stop that one first, or give this one a data folder of its own with HEADWATER_DATA_DIR.`,
  )
}

function unusable(path: string, cause: unknown): EmbeddedServerError {
  return new EmbeddedServerError(
    'DATA_FOLDER_UNUSABLE',
    `Cannot lock ${path}: ${reason(cause)}. The data folder must be writable by this user, on a disk with file locks.`,
    cause,
  )
}
