import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Identify } from '../../graph/context/identify.ts'
import type { GraphResources } from '../../graph/context/resources.ts'
import { createGraphServer } from '../../graph/server.ts'
import type { Config } from '../config/index.ts'
import type { Context } from '../define-context.ts'
import { graphHttpSettings } from '../graph-settings.ts'
import { localSubgraph } from './local-subgraph.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { graphsOf, hostOf, ownSubgraphs } from './own-subgraphs.ts'

export interface GraphParts {
  config: Config
  known: readonly Context[]
  served: readonly Context[]
  resources: GraphResources
  /** The service's own PostgreSQL. */
  databaseUrl: string
  identify: Identify
  logger: Logger
  /** Gives up the start. */
  signal?: AbortSignal | undefined
}

export interface OpenGraph {
  readonly app: FastifyInstance
  /** Undefined when everything is served out of this process. */
  readonly gateway: OpenGateway | undefined
  close(): Promise<void>
}

/**
 * What this process serves at `/graphql`: its contexts as one schema, which is the quickest, when nothing else belongs to the
 * graph; a gateway over its contexts and the subgraphs elsewhere; or, for a gateway elsewhere, a subgraph.
 */
export async function openGraph(parts: GraphParts): Promise<OpenGraph> {
  const { config, known, served, resources, databaseUrl, identify, logger } = parts
  const settings = await graphHttpSettings(config)
  const { enabled, supergraph } = config.gateway
  if (enabled && (supergraph !== undefined || config.federation.subgraphs.length > 0)) {
    const own = ownSubgraphs(known)
    const here = served.flatMap(({ name }) => own.get(name) ?? [])
    const gateway = await openGateway({
      config,
      known: own,
      local: new Map(here.map((one) => [one.name, localSubgraph(one, resources, logger)])),
      ownDatabaseUrl: databaseUrl,
      settings,
      identify,
      logger,
      signal: parts.signal,
    })
    return { app: gateway.app, gateway, close: () => gateway.close() }
  }
  const server = createGraphServer({
    graphs: served.flatMap(graphsOf),
    resources,
    isSubgraph: !enabled,
    isHost: served.some(({ name }) => name === hostOf(known)),
    identify,
    settings,
    logger,
  })
  return { app: server.app, gateway: undefined, close: () => server.close() }
}
