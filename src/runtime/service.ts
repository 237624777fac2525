import type { Logger } from 'pino'
import type { CommandSender } from '../commands/client/command-sender.ts'
import { type Identify, anonymous } from '../graph/context/identify.ts'
import type { Config } from './config/index.ts'
import type { Context } from './define-context.ts'
import { type Endpoints, removeEndpoints, writeEndpoints } from './endpoints-file.ts'
import { openGround } from './ground.ts'
import { distinct, servedOf } from './load-contexts.ts'
import { createLogger } from './logging.ts'
import { projectEvents } from './project-events.ts'
import { serveGraph } from './serve-graph.ts'
import { createShutdown } from './shutdown.ts'
import { takeCommands } from './take-commands.ts'

export interface ServiceOptions {
  config: Config
  /** All that are known; `config.contexts.serve` says which of them are served. */
  contexts: readonly Context[]
  /** Who sends a request of the graph; nobody is told apart without it. */
  identify?: Identify
  /** Made from `config.log` unless given. */
  logger?: Logger
  /** Gives up the start while it waits for subgraphs: it throws the signal's reason then. */
  signal?: AbortSignal
}

/** A whole service in this process. */
export interface Service {
  endpoints: Endpoints
  /** Sends commands over the service's own NATS system. */
  sender: CommandSender
  /** Finishes what was accepted, then stops everything in order. May be called more than once. */
  stop(): Promise<void>
}

/**
 * Starts everything: NATS and PostgreSQL where none is configured, the logs, the command endpoint, the projections, the
 * graph. What was started is stopped again when a later part fails.
 *
 * @throws HeadwaterError with what to do about it
 */
export async function startService({
  config,
  contexts,
  identify = anonymous,
  logger = createLogger(config.log),
  signal,
}: ServiceOptions): Promise<Service> {
  const known = distinct(contexts)
  const served = servedOf(known, config.contexts)
  const shutdown = createShutdown(logger)
  const site = { config, known, served, logger, shutdown }
  try {
    const ground = await openGround(site)
    const projecting = await projectEvents(site, ground)
    const sender = await takeCommands(site, ground)
    const graph = await serveGraph(site, ground, { ...projecting, sender, identify, signal })

    const { natsUrl, databaseUrl, isGuest } = ground.stack
    const endpoints = { graph, nats: natsUrl, postgres: databaseUrl }
    if (!isGuest) {
      await writeEndpoints(config.dataDir, endpoints)
      shutdown.add('endpoints.json', () => removeEndpoints(config.dataDir))
    }
    logger.info({ graph, contexts: served.map(({ name }) => name) }, 'ready')
    return { endpoints, sender, stop: () => shutdown.run() }
  } catch (error) {
    await shutdown.run()
    throw error
  }
}
