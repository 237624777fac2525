import { createHash } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDataFolder } from './data-folder.ts'
import { lockData } from './data-lock.ts'
import { findNatsServer } from './nats-binary.ts'
import { embeddedConfig } from './nats-config.ts'
import { readNatsInfo } from './nats-info.ts'
import { stopOrphan } from './orphan.ts'
import { startOnFreePort } from './ports.ts'
import type { Logger } from '../../streams/logger.ts'
import type { EmbeddedServer } from './server.ts'
import { serverHandle, urlHost } from './server-handle.ts'
import { launch } from './server-launch.ts'
import type { StopStep } from './server-process.ts'

export interface EmbeddedNatsOptions {
  /** The stack's data folder; JetStream's is `nats/` in it, the log is `nats.log`. */
  dataDir: string
  host: string
  /** The preferred one; a taken one is replaced by a free one. */
  port: number
  /** The repository's `nats-server.conf` unless given. Host, port and storage folder are set over it. */
  configFile?: string | undefined
  /** A nats-server to use instead of looking for one. */
  binary?: string | undefined
  logger: Logger
}

// TERM is nats-server's orderly stop: it closes the clients and flushes the streams. Lame duck mode (USR2) would spend
// two minutes on moving clients to other servers of a cluster; here there is none.
const stopSteps: StopStep[] = [
  { signal: 'SIGTERM', patienceMs: 15_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
]

/** A start reads back every stream's state, which takes long only for a very large log. */
const readyWithinMs = 60_000

const defaultConfig = fileURLToPath(new URL('../../../nats-server.conf', import.meta.url))

/**
 * Starts a NATS server with JetStream on the data in `dataDir` and resolves when it takes clients.
 *
 * Throws `EmbeddedServerError`: `DATA_FOLDER_IN_USE` (another process has it), `NATS_SERVER_MISSING`,
 * `NATS_START_FAILED` (with the last lines of its log).
 */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedServer> {
  const dataDir = await openDataFolder(options.dataDir)
  const lock = await lockData(dataDir, 'nats')
  try {
    const { host, logger } = options
    const configFile = await embeddedConfig(options.configFile ?? defaultConfig, dataDir)
    const binary = await findNatsServer({ dataDir, binary: options.binary, logger })
    const storeDir = join(dataDir, 'nats')
    await mkdir(storeDir, { recursive: true, mode: 0o700 })
    const pidFile = join(dataDir, 'nats.pid')
    await stopLeftOver(pidFile, storeDir, logger)

    // The name tells this server from any other that might answer on the port.
    const name = `headwater-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`
    const { port, server } = await startOnFreePort(host, options.port, async (port) => {
      const args = [
        '-c',
        configFile,
        '-a',
        host,
        '-p',
        String(port),
        '-js',
        '-sd',
        storeDir,
        '-n',
        name,
        '-P',
        pidFile,
      ]
      const server = await launch({
        what: 'nats-server',
        code: 'NATS_START_FAILED',
        // The working folder is how a later start knows this process again.
        command: { file: binary, args, cwd: storeDir },
        logFile: join(dataDir, 'nats.log'),
        stopSteps,
        readyWithinMs,
        isReady: async () => {
          const info = await readNatsInfo(host, port, 1_000)
          return info?.serverName === name && info.jetStream
        },
        portTaken: /address already in use/,
      })
      return { port, server }
    })
    logger.info({ port, serverPid: server.pid, binary }, 'nats-server started')
    return serverHandle({
      server,
      port,
      url: `nats://${urlHost(host)}:${port}`,
      lock,
      logger,
      name: 'nats-server',
    })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** nats-server itself would start on a pid file, and on data, that another one is using. */
async function stopLeftOver(pidFile: string, storeDir: string, logger: Logger): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  if (!(pid > 1)) return
  const stopped = await stopOrphan({ pid, program: 'nats-server', folder: storeDir }, stopSteps)
  if (stopped) logger.warn({ serverPid: pid }, 'stopped a nats-server that its owner had left running')
  await rm(pidFile, { force: true })
}
