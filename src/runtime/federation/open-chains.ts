import { Kind, parse } from 'graphql/index.js'
import { readSupergraph } from '../../graph/gateway/supergraph.ts'
import type { Chain } from '../../graph/strategies/chain.ts'
import type { ResolutionMetrics } from '../../graph/strategies/metrics.ts'
import { mappingsOf } from './mappings.ts'
import { closeAll, openChain } from './open-chain.ts'
import type { GatewayParts } from './gateway-parts.ts'

/**
 * The subgraphs of a supergraph, each as it is reached. When one cannot be, those before it are closed.
 * @throws as openChain
 */
export async function openChains(
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
