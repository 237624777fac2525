import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openDataFolder } from './data-folder.ts'
import { lockData } from './data-lock.ts'
import { reason } from './errors.ts'
import { until } from './poll.ts'
import { startOnFreePort } from './ports.ts'
import { findPostgres } from './postgres-binaries.ts'
import { checkVersion, createCluster, environment, hasCluster, role } from './postgres-cluster.ts'
import { ensureDatabase } from './postgres-database.ts'
import { clusterIn, recordedHome } from './postgres-home.ts'
import { readOrMakePassword } from './postgres-password.ts'
import { readPostmaster, stopLeftOver } from './postgres-pid-file.ts'
import { chooseSeat } from './postgres-seat.ts'
import type { Seat } from './postgres-seat.ts'
import type { Logger } from '../../streams/logger.ts'
import type { EmbeddedServer } from './server.ts'
import { serverHandle, urlHost } from './server-handle.ts'
import { launch } from './server-launch.ts'
import type { Launch } from './server-launch.ts'
import type { ServerProcess, StopStep } from './server-process.ts'

export interface EmbeddedPostgresOptions {
  /** The stack's data folder: the cluster is `postgres/` in it, the log `postgres.log`. */
  dataDir: string
  host: string
  /** The preferred one; a taken one is replaced by a free one. */
  port: number
  /** Created where it is missing. */
  database: string
  logger: Logger
}

// postgres(1): INT is the fast shutdown (clients are cut off, a checkpoint is written), QUIT the immediate one, after
// which the next start recovers from the log. KILL is last: it leaves shared memory behind.
const stopSteps: StopStep[] = [
  { signal: 'SIGINT', patienceMs: 30_000 },
  { signal: 'SIGQUIT', patienceMs: 10_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
]

/** 0.1 s as a rule. After a crash the log since the last checkpoint, up to `max_wal_size`, is replayed first. */
const readyWithinMs = 120_000

/**
 * Starts PostgreSQL on the data in `dataDir`, made on the first start, and resolves when the database takes clients.
 *
 * Throws `EmbeddedServerError`: `DATA_FOLDER_IN_USE` (another process has it), `POSTGRES_MISSING` (not installed),
 * `POSTGRES_NOT_RUNNABLE` (root, and no way around it), `POSTGRES_DATA_UNUSABLE` (another version's, or its password
 * is lost), `POSTGRES_START_FAILED` (with the last lines of its log).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedServer> {
  const { host, database, logger } = options
  const dataDir = await openDataFolder(options.dataDir)
  const lock = await lockData(dataDir, 'postgres')
  try {
    const seat = await openCluster(dataDir, logger)
    const isNew = !(await hasCluster(seat.home))
    const password = await readOrMakePassword(dataDir, !isNew)
    if (isNew) await createCluster(seat, password)
    else await checkVersion(seat)

    const { port, server } = await startOnFreePort(host, options.port, async (port) => ({
      port,
      server: await startServer(seat, host, port, join(dataDir, 'postgres.log')),
    }))
    const url = `postgres://${role}:${password}@${urlHost(host)}:${port}/${encodeURIComponent(database)}`
    try {
      await ensureDatabase(url)
    } catch (error) {
      await server.stop()
      throw error
    }
    logger.info(
      { port, serverPid: server.pid, as: seat.identity.name, folder: seat.home.folder },
      'PostgreSQL started',
    )
    return serverHandle({ server, port, url, lock, logger, name: 'PostgreSQL' })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Nothing may run on the cluster while it is decided as whom, and moved or given away if need be. */
async function openCluster(dataDir: string, logger: Logger): Promise<Seat> {
  const home = await recordedHome(dataDir, logger)
  await stopLeftOver(clusterIn(home), stopSteps, logger)
  const cache = join(dataDir, 'cache')
  await mkdir(cache, { recursive: true })
  return chooseSeat({ dataDir, home, binaries: await findPostgres(cache), logger })
}

async function startServer(seat: Seat, host: string, port: number, logFile: string): Promise<ServerProcess> {
  const { identity, binaries, home } = seat
  const cluster = clusterIn(home)
  // Over postgresql.conf: what this process decides. No Unix socket: its path may not be longer than 107 bytes, and a
  // folder for it would have to be open to all.
  const decided = {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    logging_collector: 'off',
  }
  const args = [
    '-D',
    cluster,
    ...Object.entries(decided).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const start: Launch = {
    what: 'PostgreSQL',
    code: 'POSTGRES_START_FAILED',
    command: identity.as({ file: binaries.postgres, args, cwd: '/', env: environment }),
    logFile,
    stopSteps,
    readyWithinMs,
    isReady: async ({ pid }) => {
      const postmaster = await readPostmaster(cluster)
      return postmaster?.pid === pid && postmaster.ready
    },
    portTaken: /could not bind IPv[46] address .*: Address already in use/,
  }
  let last: unknown
  const server = await until(
    () =>
      launch(start).catch((error: unknown) => {
        if (!stillUsed.test(reason(error))) throw error
        last = error
        return undefined
      }),
    { timeoutMs: 15_000, everyMs: 200 },
  )
  if (server === undefined) throw last
  return server
}

/** After a crash of the server its busy processes may live on for a moment, and must end before another may write. */
const stillUsed = /pre-existing shared memory block/
