import { pino } from 'pino'
import { composeSubgraph } from '../../../src/graph/compose.ts'
import type { GraphDefinition } from '../../../src/graph/schema/define-graph.ts'
import { createGraphHttp } from '../../../src/graph/serve.ts'

/** Serves graphs that need no database and no log, as a context's subgraph is served. */
export async function serveSubgraph(graphs: GraphDefinition[], port = 0) {
  const { schema, sdl } = composeSubgraph(graphs)
  const app = createGraphHttp({
    schema,
    context: () => ({}),
    report: () => undefined,
    settings: { graphiql: false, introspection: true, bodyLimit: 1_000_000, jit: 1, queryDepth: 12 },
    logger: pino({ level: 'silent' }),
  })
  const url = `${await app.listen({ port, host: '127.0.0.1' })}/graphql`
  return { url, sdl, close: async () => await app.close() }
}
