import type { Logger } from 'pino'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from './config/index.ts'
import {
  type EmbeddedServer,
  EmbeddedServerError,
  startEmbeddedNats,
  startEmbeddedPostgres,
} from './embedded/index.ts'
import { until } from './embedded/poll.ts'
import { type Endpoints, readEndpoints } from './endpoints-file.ts'
import { tellPort } from './tell-port.ts'

/** Where NATS and PostgreSQL are: servers of one's own, or embedded ones that this process runs. */
export interface Stack {
  natsUrl: string
  databaseUrl: string
  /** The embedded servers are those of another process, whose data folder and endpoints.json this is. */
  isGuest: boolean
  /** Stops the servers that this process started. */
  stop(): Promise<void>
}

/** Starts what the configuration does not point elsewhere, both at the same time. */
export async function startStack(config: Config, logger: Logger): Promise<Stack> {
  const [nats, postgres] = await Promise.allSettled([
    config.nats.url === undefined
      ? supervise('nats-server', config.nats.port, startNats(config, logger), logger)
      : undefined,
    config.postgres.url === undefined
      ? supervise('PostgreSQL', config.postgres.port, startPostgres(config, logger), logger)
      : undefined,
  ])
  const stop = async () => {
    const started = [postgres, nats].flatMap((one) =>
      one.status === 'fulfilled' && one.value ? [one.value] : [],
    )
    await Promise.all(started.map((server) => server.stop()))
  }
  if (nats.status === 'rejected' || postgres.status === 'rejected') {
    await stop()
    throw nats.status === 'rejected' ? nats.reason : postgres.status === 'rejected' && postgres.reason
  }
  return {
    natsUrl: config.nats.url ?? nats.value?.url ?? '',
    databaseUrl: config.postgres.url ?? postgres.value?.url ?? '',
    isGuest: false,
    stop,
  }
}

/** A service that has just taken the folder writes down where its servers are when all of it has started. */
const HOST_STARTS_MS = 30_000

/**
 * The stack for one of several processes that serve a context each: the first one in a folder runs the embedded servers,
 * the others use them.
 */
export async function joinStack(config: Config, logger: Logger): Promise<Stack> {
  try {
    return await startStack(config, logger)
  } catch (error) {
    if (!(error instanceof EmbeddedServerError) || error.code !== 'DATA_FOLDER_IN_USE') throw error
    const host = await until(() => listeningEndpoints(config.dataDir), { timeoutMs: HOST_STARTS_MS })
    if (!host) throw error
    logger.info('NATS and PostgreSQL are those of the service that runs in this folder already')
    return {
      natsUrl: config.nats.url ?? host.nats,
      databaseUrl: config.postgres.url ?? host.postgres,
      isGuest: true,
      stop: () => Promise.resolve(),
    }
  }
}

/** The file of a host that was killed is there until its successor has started: where nobody listens, nobody is believed. */
async function listeningEndpoints(dataDir: string): Promise<Endpoints | undefined> {
  const endpoints = await readEndpoints(dataDir)
  if (!endpoints) return undefined
  const listening = await Promise.all([endpoints.nats, endpoints.postgres].map(isListening))
  return listening.every(Boolean) ? endpoints : undefined
}

function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 1000 })
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}

type Start = (port: number) => Promise<EmbeddedServer>

const startNats =
  ({ dataDir, nats: { host, port, serverBinary, configFile } }: Config, logger: Logger) =>
  (again?: number) =>
    startEmbeddedNats({
      dataDir,
      host,
      port: again ?? port,
      logger,
      ...(serverBinary !== undefined && { binary: serverBinary }),
      ...(configFile !== undefined && { configFile }),
    })

const startPostgres =
  ({ dataDir, postgres: { host, port, database } }: Config, logger: Logger) =>
  (again?: number) =>
    startEmbeddedPostgres({ dataDir, host, port: again ?? port, database, logger })

/** A server that crashes is started again on its port: clients reconnect, nothing that was answered is lost. */
async function supervise(
  name: string,
  wanted: number,
  start: (again?: number) => Promise<EmbeddedServer>,
  logger: Logger,
): Promise<{ url: string; stop(): Promise<void> }> {
  let server = await start()
  let stopped = false
  const { url, port } = server
  tellPort(name, wanted, port, logger)
  const restart: Start = async (samePort) => {
    for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
      await delay(pause)
      try {
        const again = await start(samePort)
        // Nobody would look for it on another one, and who listens on this one now is a stranger.
        if (again.port === samePort) return again
        await again.stop()
        throw new Error(`port ${samePort} is taken by another program`)
      } catch (error) {
        if (stopped) throw error
        logger.error({ err: error }, `${name} could not be started again; trying on`)
      }
    }
  }
  const watch = async () => {
    for (;;) {
      const { code, signal, expected } = await server.exited
      if (expected || stopped) return
      logger.error({ code, signal }, `${name} ended by itself; starting it again`)
      server = await restart(port)
      if (stopped) await server.stop()
    }
  }
  const watching = watch()
  return {
    url,
    async stop() {
      stopped = true
      await server.stop()
      await watching.catch((error: unknown) =>
        logger.warn({ err: error }, `${name} was not running any more`),
      )
    },
  }
}
