import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedServerError, reason } from './errors.ts'
import { giveTree, moveTree } from './file-tree.ts'
import { copyPostgres } from './postgres-binaries.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { clusterIn, newHomes, recordHome } from './postgres-home.ts'
import type { Home } from './postgres-home.ts'
import { identities } from './postgres-identity.ts'
import type { Identity } from './postgres-identity.ts'
import { PROBE_MS, runCommand } from './run-command.ts'
import type { Logger } from '../../streams/logger.ts'

/** A way to run PostgreSQL that was tried and works: as whom, with which programs, on which folder. */
export interface Seat {
  identity: Identity
  binaries: PostgresBinaries
  home: Home
}

interface Request {
  dataDir: string
  /** Where an earlier start wanted the cluster. */
  home: Home
  binaries: PostgresBinaries
  logger: Logger
}

/**
 * Finds a way by trying each: in place as every identity, then elsewhere. A cluster that is there already is reached the
 * way it was made, which its owner tells; only where that is impossible now is it given, or moved, to another.
 * Throws `POSTGRES_NOT_RUNNABLE` with what each try said.
 */
export async function chooseSeat({ dataDir, home, binaries, logger }: Request): Promise<Seat> {
  const cluster = await currentCluster(dataDir, home)
  const known = await identities(dataDir)
  const ordered = known.toSorted(
    (a, b) => Number(b.owner.uid === cluster?.uid) - Number(a.owner.uid === cluster?.uid),
  )
  const tried: string[] = []
  const take = async (at: Home): Promise<Seat | undefined> => {
    for (const identity of ordered) {
      try {
        return { identity, home: at, binaries: await reachable(identity, binaries, at) }
      } catch (error) {
        tried.push(`${identity.name} in ${at.folder}: ${reason(error)}`)
      }
    }
    return undefined
  }
  const seat = (await take(home)) ?? (await takeElsewhere(dataDir, take))
  if (seat === undefined) throw notRunnable(tried)
  // Recorded before the move: a start that is interrupted between the two finds the data in its old place.
  await recordHome(dataDir, seat.home)
  if (seat.home.elsewhere)
    logger.info({ folder: seat.home.folder }, 'the PostgreSQL data is outside the data folder')
  if (cluster !== undefined) await bringCluster(cluster, seat, logger)
  return seat
}

async function takeElsewhere(
  dataDir: string,
  take: (at: Home) => Promise<Seat | undefined>,
): Promise<Seat | undefined> {
  for await (const home of newHomes(dataDir)) {
    const seat = await take(home)
    if (seat !== undefined) return seat
    await rm(home.folder, { recursive: true, force: true })
  }
  return undefined
}

/** The programs, where the identity can run them: as they are, or (elsewhere only) as a copy beside the data. */
async function reachable(
  identity: Identity,
  binaries: PostgresBinaries,
  home: Home,
): Promise<PostgresBinaries> {
  try {
    await probe(identity, binaries, home)
    return binaries
  } catch (error) {
    if (!home.elsewhere) throw error
    const copy = await copyPostgres(binaries, home.folder)
    await probe(identity, copy, home)
    return copy
  }
}

/**
 * Does what a start will do, on a small scale: have a private folder of the identity's own in the home, write to it, and
 * run the programs. Throws what went wrong.
 */
async function probe(identity: Identity, { initdb, postgres }: PostgresBinaries, home: Home): Promise<void> {
  const folder = await mkdtemp(join(home.folder, 'probe-'))
  try {
    await giveTree(folder, identity.owner)
    const script = 'cd "$1" && : > file && "$2" --version && "$3" --version'
    const command = identity.as({
      file: '/bin/sh',
      args: ['-c', script, 'sh', folder, initdb, postgres],
      cwd: '/',
    })
    const { ok, output } = await runCommand(command, PROBE_MS)
    if (!ok) throw new Error(output)
    // Some shared folders (virtual machines, Windows disks) take every mode and owner, and keep none.
    const { mode, uid } = await lstat(folder)
    if ((mode & 0o777) !== 0o700 || uid !== identity.owner.uid)
      throw new Error('this disk does not keep owners and modes')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Cluster {
  path: string
  uid: number
}

async function bringCluster({ path, uid }: Cluster, { identity, home }: Seat, logger: Logger): Promise<void> {
  const target = clusterIn(home)
  if (target !== path) {
    logger.warn({ from: path, to: target }, 'moving the PostgreSQL data to where it can be used')
    await moveTree(path, target)
  }
  if (uid !== identity.owner.uid || target !== path) await giveTree(target, identity.owner)
}

/** The cluster that is there: where it was wanted, or still in the data folder if it did not get that far. */
async function currentCluster(dataDir: string, home: Home): Promise<Cluster | undefined> {
  for (const path of new Set([clusterIn(home), clusterIn({ folder: dataDir, elsewhere: false })])) {
    try {
      return { path, uid: (await lstat(path)).uid }
    } catch {
      // Not there.
    }
  }
  return undefined
}

function notRunnable(tried: string[]): EmbeddedServerError {
  const root = process.getuid?.() === 0
  return new EmbeddedServerError(
    'POSTGRES_NOT_RUNNABLE',
    `The embedded PostgreSQL cannot be run here. ${root ? 'It refuses to run as root, and no other way worked. ' : ''}` +
      `Set DATABASE_URL to a PostgreSQL of your own, ${root ? 'start as a normal user, ' : ''}or use a data folder on ` +
      `a local disk. Tried: ${tried.join('; ') || 'nothing, since /etc/passwd lists no user but root'}.`,
  )
}
