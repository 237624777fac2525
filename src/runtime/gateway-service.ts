import type { Logger } from 'pino'
import { type Identify, anonymous } from '../graph/context/identify.ts'
import type { Config } from './config/index.ts'
import type { Context } from './define-context.ts'
import { openGateway } from './federation/open-gateway.ts'
import { ownSubgraphs } from './federation/own-subgraphs.ts'
import { graphHttpSettings } from './graph-settings.ts'
import { addHealthRoutes } from './health-routes.ts'
import { listen } from './listen.ts'
import { createLogger } from './logging.ts'

export interface GatewayServiceOptions {
  config: Config
  /** Contexts whose code is known: how their entities lie in tables, and who may see them. None of them is served. */
  contexts: readonly Context[]
  identify?: Identify
  logger?: Logger
  /** Gives up the start while it waits for subgraphs: it throws the signal's reason then. */
  signal?: AbortSignal
}

/** A gateway in a process of its own, with neither NATS nor a database that it needs. */
export interface GatewayService {
  /** Of the graph. */
  url: string
  /** The names of its subgraphs. */
  subgraphs: string[]
  /** Answers what is under way, then stops. May be called more than once. */
  stop(): Promise<void>
}

/** @throws HeadwaterError when there is no graph to be served, with what to do about it */
export async function startGateway({
  config,
  contexts,
  identify = anonymous,
  logger = createLogger(config.log),
  signal,
}: GatewayServiceOptions): Promise<GatewayService> {
  const gateway = await openGateway({
    config,
    known: ownSubgraphs(contexts),
    local: new Map(),
    ownDatabaseUrl: config.postgres.url,
    settings: await graphHttpSettings(config),
    identify,
    logger,
    signal,
  })
  let stopping: Promise<void> | undefined
  addHealthRoutes(gateway.app, {
    projections: () => [],
    gateway,
    draining: () => stopping !== undefined,
  })
  try {
    const url = `${await listen(gateway.app, config.http, logger)}/graphql`
    const subgraphs = gateway.chains().map(({ name }) => name)
    logger.info({ graph: url, subgraphs }, 'ready')
    return { url, subgraphs, stop: () => (stopping ??= gateway.close()) }
  } catch (error) {
    await gateway.close()
    throw error
  }
}
