import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GatewayServer, createGatewayServer } from '../../graph/gateway/http/server.ts'
import type { Chain } from '../../graph/strategies/chain.ts'
import { type ResolutionMetrics, createResolutionMetrics } from '../../graph/strategies/metrics.ts'
import { schemaMemory } from '../../graph/supergraph/schema-memory.ts'
import type { SubgraphText } from '../../graph/supergraph/compose-supergraph.ts'
import type { Install } from '../../graph/supergraph/supergraph-in-force.ts'
import { type SupergraphWatch, watchSupergraph } from '../../graph/supergraph/watch-supergraph.ts'
import { type EngineGateway, assertReadsSupergraphs, openEngine } from './engine.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { closeAll } from './open-chain.ts'
import { openChains } from './open-chains.ts'
import { schemaSources } from './sources.ts'

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
  const { settings, logger } = parts
  const metrics = createResolutionMetrics()
  let server: GatewayServer<EngineGateway> | undefined
  let chains: readonly Chain[] = []

  async function install(supergraphSdl: string, subgraphs: readonly SubgraphText[]): Promise<void> {
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
      ...(settings.connections && { connections: settings.connections }),
      logger,
    })

  const watch = await installFirst(parts, install)
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
}

/** Has the first supergraph installed: as it was composed elsewhere, or of the subgraphs, each time that one of them changes. */
async function installFirst(
  { config, known, local, logger, signal }: GatewayParts,
  install: Install,
): Promise<SupergraphWatch | undefined> {
  const { supergraph, pollMs, patienceMs } = config.gateway
  if (supergraph !== undefined) {
    assertReadsSupergraphs(config)
    await install(await readFile(supergraph, 'utf8'), [])
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
    signal,
  })
}
