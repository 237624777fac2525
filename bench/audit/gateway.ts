import { pino } from 'pino'
import { createGateway } from '../../src/graph/gateway/gateway.ts'
import { createGatewayHttp } from '../../src/graph/gateway/http/gateway-http.ts'
import { createGatewayServer } from '../../src/graph/gateway/http/server.ts'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'

/** Serves a supergraph over HTTP on a free port, its subgraphs over HTTP as well. */
export async function startGateway(supergraphSdl: string) {
  const logger = pino({ level: 'silent' })
  const settings = {
    graphiql: false,
    introspection: true,
    bodyLimit: 1024 * 1024,
    queryDepth: 15,
    debug: false,
    timeoutMs: 10_000,
  }
  const gateway = await createGateway({
    supergraphSdl,
    subgraphs: (name, url) => createHttpSubgraph({ name, url }),
  })
  const server = await createGatewayServer({
    gateway,
    createHttp: (gateway) => createGatewayHttp({ gateway, settings, forwardHeaders: [], logger }),
    graceMs: 1000,
    logger,
  })
  const origin = await server.app.listen({ host: '127.0.0.1', port: 0 })
  return { url: `${origin}/graphql`, stop: () => server.close() }
}
