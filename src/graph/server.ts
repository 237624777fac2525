import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { composeSchema, composeSubgraph } from './compose.ts'
import type { GraphDefinition } from './schema/define-graph.ts'
import type { Identify } from './context/identify.ts'
import { createRequestContexts } from './context/request-contexts.ts'
import { headersOf } from './live/origin-headers.ts'
import type { LiveTransportSettings } from './live/transport-settings.ts'
import type { GraphResources } from './context/resources.ts'
import { type ServeSettings, createGraphHttp } from './serve.ts'

export interface GraphServerOptions {
  graphs: readonly GraphDefinition[]
  resources: GraphResources
  /** For gateways elsewhere: a Federation 2 subgraph, with `_service` and `_entities`. */
  isSubgraph: boolean
  /** See `composeSubgraph`. */
  isHost?: boolean
  identify: Identify
  settings: ServeSettings & { live?: Partial<LiveTransportSettings> }
  logger: FastifyBaseLogger
}

export interface GraphServer {
  /** Not listening yet: routes can still be added. */
  readonly app: FastifyInstance
  /** Takes no new requests, answers those that are under way. */
  close(): Promise<void>
}

/**
 * The HTTP server of the graph: `/graphql`, and GraphiQL if it is wanted. The caller lets it listen.
 * @throws TypeError or GraphQLError when the graphs do not fit together
 */
export function createGraphServer({
  graphs,
  resources,
  isSubgraph,
  isHost = false,
  identify,
  settings,
  logger,
}: GraphServerOptions): GraphServer {
  const contexts = createRequestContexts(resources, graphs)
  const app = createGraphHttp({
    schema: isSubgraph ? composeSubgraph(graphs, { isHost }).schema : composeSchema(graphs),
    context: async (request) => contexts.of(request, await identify(request.headers)),
    report: (request) => (settings.explain === false ? undefined : contexts.report(request)),
    live: {
      settings: settings.live ?? {},
      context: async (origin) => {
        const headers = headersOf(origin)
        return contexts.of({ id: origin.requestId, headers }, await identify(headers))
      },
    },
    settings,
    logger,
  })
  return { app, close: async () => await app.close() }
}
