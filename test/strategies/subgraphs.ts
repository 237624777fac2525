import { execute } from 'graphql/index.js'
import { pino } from 'pino'
import { composeSubgraph } from '../../src/graph/compose.ts'
import type { GraphDefinition } from '../../src/graph/schema/define-graph.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'
import { anonymous } from '../../src/graph/context/identify.ts'
import { createGraphServer } from '../../src/graph/server.ts'
import { type GraphResources, createResources } from '../../src/graph/context/resources.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { migrateKernel } from '../../src/projections/database/kernel-migrations.ts'
import { openPositions } from '../../src/projections/positions/positions.ts'

const logger = pino({ level: 'silent' })

/** What graphs need that have tables and no events. */
export async function openTables(url: string, schema: string) {
  const database = await createDatabase({ url, schema, poolSize: 4, statementTimeoutMs: 10_000 })
  await migrateKernel(database)
  const applied = await openPositions({ database, logger })
  const resources = createResources({
    sources: new Map(),
    graphs: [],
    namespace: schema,
    db: database.db,
    read: database.read,
    sender: { send: () => Promise.reject(new Error('no commands here')) },
    projections: { applied, running: () => [], recorded: () => Promise.resolve([]) },
    live: undefined,
    cursorKey: 'of tables',
    settings: { maxPage: 100, historyConcurrency: 4, atLeastTimeoutMs: 1000 },
  })
  return {
    resources,
    async close() {
      await applied.close()
      await database.close()
    },
  }
}

/** A real subgraph on a port of its own, and the way to it over HTTP. */
export async function serveSubgraph(resources: GraphResources, graphs: GraphDefinition[]) {
  const settings = { graphiql: false, introspection: true, bodyLimit: 1_000_000, jit: 0, queryDepth: 12 }
  const options = { graphs, resources, isSubgraph: true, identify: anonymous, settings, logger }
  const server = createGraphServer(options)
  const address = await server.app.listen({ port: 0, host: '127.0.0.1' })
  return { url: `${address}/graphql`, http: overHttp(`${address}/graphql`), close: () => server.close() }
}

export function overHttp(url: string, name = 'gems'): Subgraph {
  return createHttpSubgraph({ name, url, timeoutMs: 60_000 })
}

/** The same schema in this process, without a port. */
export function inProcess(resources: GraphResources, graphs: GraphDefinition[]): Subgraph {
  const { schema } = composeSubgraph(graphs)
  return {
    name: 'gems',
    async execute({ operation, variables, request }) {
      const contextValue = { db: resources.db, requestId: request.id }
      const { data, errors } = await execute({
        schema,
        document: operation.document,
        variableValues: variables,
        contextValue,
      })
      // As it would be in an answer: plain JSON.
      const plain: unknown = JSON.parse(JSON.stringify({ data }))
      const read = typeof plain === 'object' && plain !== null && 'data' in plain ? plain.data : null
      return {
        data: isRecord(read) ? read : null,
        ...(errors && { errors: errors.map((one) => one.toJSON()) }),
      }
    },
    // eslint-disable-next-line require-yield
    async *subscribe() {
      throw new Error('no subscriptions here')
    },
    close: async () => undefined,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
