import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kind, parse } from 'graphql/index.js'
import type { Logger } from 'pino'
import { type GatewayServer, createGatewayServer } from '../../graph/gateway/http/server.ts'
import type { Subgraph } from '../../graph/gateway/subgraph.ts'
import { readSupergraph } from '../../graph/gateway/supergraph.ts'
import type { Identify } from '../../graph/context/identify.ts'
import type { Chain } from '../../graph/strategies/chain.ts'
import { type ResolutionMetrics, createResolutionMetrics } from '../../graph/strategies/metrics.ts'
import { schemaMemory } from '../../graph/supergraph/schema-memory.ts'
import type { SubgraphText } from '../../graph/supergraph/compose-supergraph.ts'
import { type SupergraphWatch, watchSupergraph } from '../../graph/supergraph/watch-supergraph.ts'
import type { Config } from '../config/index.ts'
import type { GraphHttpSettings } from '../graph-settings.ts'
import { type EngineGateway, assertReadsSupergraphs, openEngine } from './engine.ts'
import { mappingsOf } from './mappings.ts'
import { closeAll, openChain } from './open-chain.ts'
import type { OwnSubgraph } from './own-subgraphs.ts'
import { schemaSources } from './sources.ts'

export interface GatewayParts {
  config: Config
  /** Every context whose code is here, by name. */
  known: ReadonlyMap<string, OwnSubgraph>
  /** Those that are served in this process, by name. */
  local: ReadonlyMap<string, Subgraph>
  /** The service's own PostgreSQL. */
  ownDatabaseUrl: string | undefined
  settings: GraphHttpSettings
  identify: Identify
  logger: Logger
  /** Gives up waiting for subgraphs that are not there yet. */
  signal?: AbortSignal | undefined
}

export interface OpenGateway {
  readonly app: FastifyInstance
  readonly metrics: ResolutionMetrics
  /** How the subgraphs of the gateway that serves now are reached. */
  chains(): readonly Chain[]
  /** Undefined when a supergraph is served that is not composed here. */
  readonly watch: SupergraphWatch | undefined
  close(): Promise<void>
}

/** How long requests of a gateway that is exchanged may still take, in milliseconds. */
const GRACE_MS = 15_000

/**
 * One graph over the subgraphs, as configured, at `/graphql`: exchanged, without a request being lost, whenever a subgraph's
 * schema changes. The caller lets it listen.
 *
 * @throws HeadwaterError when the first supergraph cannot be served; the signal's reason
 */
export async function openGateway(parts: GatewayParts): Promise<OpenGateway> {
  const { config, known, local, logger } = parts
  const metrics = createResolutionMetrics()
  const { pollMs, patienceMs } = config.gateway
  let server: GatewayServer<EngineGateway> | undefined
  let chains: readonly Chain[] = []

  async function install(supergraphSdl: string, subgraphs: readonly SubgraphText[] = []): Promise<void> {
    const opened = await openChains(parts, supergraphSdl, metrics)
    try {
      const gateway = await openEngine(parts, { supergraphSdl, subgraphs, chains: opened })
      if (server) await server.swap(gateway)
      else server = await serve(gateway)
    } catch (error) {
      await closeAll(opened)
      throw error
    }
    if (chains.length > 0)
      logger.info({ subgraphs: opened.map(({ name }) => name) }, 'the graph has a new schema')
    chains = opened
  }

  const serve = (gateway: EngineGateway) =>
    createGatewayServer({
      gateway,
      createHttp: (of) => of.createHttp(),
      graceMs: GRACE_MS,
      ...(parts.settings.connections && { connections: parts.settings.connections }),
      logger,
    })

  const watch = await watchOrRead()
  if (!server) throw new TypeError('No supergraph has been installed')
  const { app } = server
  return {
    app,
    metrics,
    watch,
    chains: () => chains,
    async close() {
      await watch?.stop()
      await server?.close()
    },
  }

  async function watchOrRead(): Promise<SupergraphWatch | undefined> {
    if (config.gateway.supergraph !== undefined) {
      assertReadsSupergraphs(config)
      await install(await readFile(config.gateway.supergraph, 'utf8'))
      return undefined
    }
    const served = [...local.keys()].flatMap((name) => known.get(name) ?? [])
    return await watchSupergraph({
      sources: schemaSources(config, served),
      memory: schemaMemory(join(config.dataDir, 'schemas')),
      pollMs,
      patienceMs,
      install,
      logger,
      signal: parts.signal,
    })
  }
}

async function openChains(
  { config, known, local, ownDatabaseUrl, logger }: GatewayParts,
  supergraphSdl: string,
  metrics: ResolutionMetrics,
): Promise<Chain[]> {
  const objects = objectTypes(supergraphSdl)
  const opened: Chain[] = []
  try {
    for (const [name, url] of readSupergraph(supergraphSdl).subgraphs) {
      const configured = config.federation.subgraphs.find((one) => one.name === name)
      opened.push(
        await openChain({
          name,
          url,
          configured,
          local: local.get(name),
          mappings: mappingsOf(config, name, known.get(name), supergraphSdl),
          isObjectType: (type) => objects.has(type),
          config,
          ownDatabaseUrl,
          onResolution: (resolution) => metrics.record(resolution),
          logger,
        }),
      )
    }
    return opened
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

function objectTypes(sdl: string): ReadonlySet<string> {
  return new Set(
    parse(sdl).definitions.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION ? [node.name.value] : [],
    ),
  )
}
