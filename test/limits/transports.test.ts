import fastify from 'fastify'
import { createClient } from 'graphql-ws'
import { createHash } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { admit } from '../../src/graph/http/admit.ts'
import { createLimits } from '../../src/graph/limits/create-limits.ts'
import { type LimitSettings, LIMITS } from '../../src/graph/limits/settings.ts'
import { serveEventStream } from '../../src/graph/live/event-stream.ts'
import { serveWebSocket } from '../../src/graph/live/websocket.ts'
import { persisted, rowsSchema } from './serving.ts'

const Errors = z.array(z.object({ message: z.string(), extensions: z.record(z.string(), z.unknown()) }))
const Answer = z.object({ data: z.unknown().optional(), errors: Errors.optional() })

/** What was refused, or the data. */
interface Outcome {
  refused?: Record<string, unknown> | undefined
  data?: unknown
}

/** One set of limits on a WebSocket and on Server-Sent Events. */
async function serve(given: Partial<LimitSettings>) {
  const limits = createLimits({ ...LIMITS, ...given })
  const schema = rowsSchema()
  const app = fastify()
  app.post('/graphql', () => 'not asked for a stream')
  const host = {
    admit: (parameters: unknown) => admit(limits, schema, parameters),
    context: () => ({}),
    report: (error: unknown) => expect.fail(String(error)),
  }
  serveWebSocket(app, host)
  serveEventStream(app, host)
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
  const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 })
  onTestFinished(async () => {
    await client.dispose()
    await app.close()
  })

  const overWebSocket = (parameters: { query?: string; extensions?: Record<string, unknown> }) =>
    new Promise<Outcome>((resolve) => {
      let data: unknown
      client.subscribe(
        { query: '', ...parameters },
        {
          next: (result) => void (data = result.data),
          error: (errors) => resolve({ refused: Errors.parse(errors)[0]?.extensions }),
          complete: () => resolve({ data }),
        },
      )
    })

  async function overEventStream(parameters: object): Promise<Outcome> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(parameters),
    })
    const body = await response.text()
    if (response.ok) return { data: Answer.parse(JSON.parse(/data: (\{.*)/.exec(body)?.[1] ?? '{}')).data }
    expect(response.status).toBe(400)
    return { refused: Answer.parse(JSON.parse(body)).errors?.[0]?.extensions }
  }
  return { overWebSocket, overEventStream }
}

const world = { data: { hello: 'world' } }

it.each<[Partial<LimitSettings>, string, Record<string, unknown>]>([
  [{ depth: 1 }, '{ row { id } }', { code: 'QUERY_TOO_DEEP', measured: 2, limit: 1 }],
  [{ cost: 1 }, '{ rows(first: 3) { nodes { id } } }', { code: 'QUERY_TOO_COSTLY', measured: 4, limit: 1 }],
  [{ tokens: 5 }, `{ ${'hello '.repeat(8)} }`, { code: 'QUERY_TOO_LARGE', measured: 10, limit: 5 }],
  [{ aliases: 0 }, '{ a: hello }', { code: 'TOO_MANY_ALIASES', measured: 1, limit: 0 }],
  [
    { representations: 1 },
    '{ _entities(representations: [{}, {}]) { __typename } }',
    { code: 'TOO_MANY_REPRESENTATIONS', measured: 2, limit: 1 },
  ],
  [
    { introspection: false },
    '{ __schema { queryType { name } } }',
    { code: 'INTROSPECTION_DISABLED', measured: 1, limit: 0 },
  ],
  [{ persistedQueries: 'only' }, '{ row { id } }', { code: 'OPERATION_NOT_ALLOWED' }],
])('%j holds on WebSocket and on SSE as it does on HTTP', async (limits, query, said) => {
  const { overWebSocket, overEventStream } = await serve({
    ...limits,
    operations: new Map([['hello', '{ hello }']]),
  })
  for (const ask of [overWebSocket, overEventStream]) {
    expect((await ask({ query })).refused).toMatchObject({ ...said, status: 400 })
    expect(await ask({ query: '{ hello }' })).toEqual(world)
  }
})

it('an operation registered over one transport is known to the others', async () => {
  const { overWebSocket, overEventStream } = await serve({})
  const query = '{ hello }'
  const measured = createHash('sha256').update(query).digest('hex')
  const extensions = persisted(measured)
  for (const ask of [overWebSocket, overEventStream])
    expect(await ask({ extensions })).toEqual({
      refused: { code: 'PERSISTED_QUERY_NOT_FOUND', status: 400, measured },
    })
  expect(await overWebSocket({ query, extensions })).toEqual(world)
  for (const ask of [overWebSocket, overEventStream]) expect(await ask({ extensions })).toEqual(world)
})

it.each<[object, string]>([
  [{ query: '{' }, 'GRAPHQL_PARSE_FAILED'],
  [{ query: '{ nobody }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [{ query: 'query A { hello }', operationName: 'B' }, 'GRAPHQL_VALIDATION_FAILED'],
  [{ query: 'query A { hello } query B { hello }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [{ query: 'query ($n: Int!) { rows(first: $n) { nodes { id } } }' }, 'BAD_USER_INPUT'],
  [{ query: '' }, 'BAD_REQUEST'],
  [{ query: '{"kind":"Document","definitions":[]}' }, 'GRAPHQL_PARSE_FAILED'],
])('what cannot be run is refused with its code: %j', async (parameters, code) => {
  const { overWebSocket, overEventStream } = await serve({})
  for (const ask of [overWebSocket, overEventStream])
    expect((await ask(parameters)).refused).toMatchObject({ code, status: 400 })
})
