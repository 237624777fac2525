import { createServer } from 'node:http'
import { ApolloGateway } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'
import mercuriusGateway from '@mercuriusjs/gateway'
import fastify from 'fastify'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'

/** One gateway of others, as its own documentation starts it for production. */
const { kind, supergraph, services } = childOptions(
  z.object({
    kind: z.enum(['mercurius', 'apollo', 'hive', 'hive-rust']),
    supergraph: z.string(),
    services: z.array(z.object({ name: z.string(), url: z.string() })),
  }),
)

interface Running {
  url: string
  close(): Promise<unknown>
}

async function mercurius(): Promise<Running> {
  const app = fastify()
  await app.register(mercuriusGateway.default, { gateway: { services }, jit: 1 })
  return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`, close: () => app.close() }
}

async function apollo(): Promise<Running> {
  const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl: supergraph }) })
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } })
  return { url, close: () => server.stop() }
}

async function hive(isRust: boolean): Promise<Running> {
  const runtime = createGatewayRuntime({
    supergraph,
    logging: true,
    ...(isRust && { unifiedGraphHandler }),
  })
  const server = createServer((request, response) => void runtime(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await runtime.dispose()
    },
  }
}

const running = await (kind === 'mercurius'
  ? mercurius()
  : kind === 'apollo'
    ? apollo()
    : hive(kind === 'hive-rust'))

serve(
  () => Promise.resolve(running.url),
  () => running.close(),
)
