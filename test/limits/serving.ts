import { type GraphQLSchema, buildSchema } from 'graphql/index.js'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { LimitSettings } from '../../src/graph/limits/settings.ts'
import { createGraphHttp } from '../../src/graph/serve.ts'

const Body = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
})

/** A schema of a subgraph: rows with histories, and entities. Each row is an empty one. */
export function rowsSchema(): GraphQLSchema {
  const schema = buildSchema(`
    scalar _Any
    union _Entity = Row
    type Query {
      hello: String
      row: Row
      rows(first: Int = 20): RowConnection
      _entities(representations: [_Any!]!): [_Entity]!
    }
    type Mutation { change: Row }
    type RowConnection { nodes: [Row!]! }
    type Row { id: ID  parent: Row  statusHistory: [Row!] }
  `)
  const query = schema.getQueryType()?.getFields()
  const hello = query?.['hello']
  const entities = query?.['_entities']
  if (!hello || !entities) throw new Error('no such field')
  hello.resolve = () => 'world'
  entities.resolve = (_, { representations }: { representations: unknown[] }) =>
    representations.map(() => null)
  return schema
}

/** A graph on a port of its own, with these limits. */
export async function serve(limits: Partial<LimitSettings> = {}) {
  const app = createGraphHttp({
    schema: rowsSchema(),
    context: () => ({}),
    report: () => undefined,
    settings: { graphiql: true, introspection: true, bodyLimit: 1_000_000, jit: 1, queryDepth: 12, limits },
    logger: pino({ level: 'silent' }),
  })
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
  onTestFinished(() => app.close())

  async function read(response: Response) {
    const { data, errors } = Body.parse(await response.json())
    return {
      status: response.status,
      data,
      message: errors?.[0]?.message,
      extensions: errors?.[0]?.extensions,
    }
  }
  const post = async (parameters: object, accept = 'application/graphql-response+json') => {
    const headers = { 'content-type': 'application/json', accept }
    return await read(await fetch(url, { method: 'POST', headers, body: JSON.stringify(parameters) }))
  }
  const get = async (parameters: Record<string, string>, accept = 'application/graphql-response+json') => {
    const query = new URLSearchParams(parameters).toString()
    return await read(await fetch(`${url}?${query}`, { headers: { accept } }))
  }
  return { url, post, get }
}

/** The parameter that names a text, as Apollo's clients send it. */
export const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } })
