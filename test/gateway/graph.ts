import { pino } from 'pino'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import { type GatewayOptions, createGateway } from '../../src/graph/gateway/gateway.ts'
import { createGatewayHttp } from '../../src/graph/gateway/http/gateway-http.ts'
import { createGatewayServer } from '../../src/graph/gateway/http/server.ts'
import type { HttpSubgraphOptions } from '../../src/graph/gateway/transport/http-subgraph.ts'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { type SubgraphDefinition, LINK } from './federated-schema.ts'
import { type SubgraphServer, startSubgraph } from './subgraph-server.ts'

export interface GraphOptions {
  http?: Partial<HttpSubgraphOptions>
  debug?: boolean
  timeoutMs?: number
  connect?: (name: string, url: string) => Subgraph
  createPlanner?: GatewayOptions['createPlanner']
  report?: GatewayOptions['report']
  /** Serves WebSocket and Server-Sent Events as well. */
  live?: boolean
}

const logger = pino({ level: 'silent' })

/** Subgraphs on real HTTP, and what makes gateways of them. */
export async function startSubgraphs<Name extends string>(definitions: Record<Name, SubgraphDefinition>) {
  const names: Name[] = []
  for (const name in definitions) names.push(name)
  const entries = await Promise.all(
    names.map(async (name) => {
      const definition: SubgraphDefinition = definitions[name]
      return [name, await startSubgraph({ ...definition, sdl: `${LINK} ${definition.sdl}` })] as const
    }),
  )
  const servers = new Map<Name, SubgraphServer>(entries)
  const server = (name: Name): SubgraphServer => {
    const found = servers.get(name)
    if (!found) throw new Error(`no subgraph ${name}`)
    return found
  }
  return {
    server,
    supergraph: () => composeSupergraph(entries.map(([name, { url, sdl }]) => ({ name, url, sdl }))),
    /** What has been asked since the last time this was asked. */
    asked: (name: Name) => server(name).asked.splice(0),
    stop: () => Promise.all(entries.map(([, one]) => one.stop())),
  }
}

export function gatewayOf(
  supergraphSdl: string,
  { http = {}, connect, createPlanner, report }: GraphOptions = {},
) {
  return createGateway({
    supergraphSdl,
    ...(createPlanner && { createPlanner }),
    ...(report && { report }),
    subgraphs: connect ?? ((name, url) => createHttpSubgraph({ timeoutMs: 20_000, ...http, name, url })),
  })
}

/** Serves a supergraph over HTTP, as the product does. */
export async function serveGraph(supergraphSdl: string, options: GraphOptions = {}) {
  const { debug = false, timeoutMs = 30_000 } = options
  const settings = {
    graphiql: false,
    introspection: true,
    bodyLimit: 1024 * 1024,
    queryDepth: 15,
    debug,
    timeoutMs,
    ...(options.live === true && { live: {} }),
  }
  const forwardHeaders = ['authorization', 'headwater-at-least']
  const server = await createGatewayServer({
    gateway: await gatewayOf(supergraphSdl, options),
    createHttp: (gateway) => createGatewayHttp({ gateway, settings, forwardHeaders, logger }),
    graceMs: 20_000,
    logger,
  })
  const origin = await server.app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `${origin}/graphql`, server }
}
