import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { stackOfFile } from '../support/stack.ts'
import { type Served, gatewayBefore, serveOn } from './serve.ts'

const Answer = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string() }).optional() }))
    .optional(),
  extensions: z.looseObject({}).optional(),
})
type Answer = z.output<typeof Answer>

interface Asked extends Record<string, unknown> {
  query: string
  variables?: Record<string, unknown>
  extensions?: Record<string, unknown>
}

async function overHttp(
  { url }: Pick<Served, 'url'>,
  asked: Asked,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(asked),
  })
  return Answer.parse(await response.json())
}

async function overEventStream({ url }: Pick<Served, 'url'>, asked: Asked): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(asked),
  })
  const text = await response.text()
  return Answer.parse(JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? text))
}

async function overWebSocket({ url }: Pick<Served, 'url'>, asked: Asked): Promise<Answer> {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  })
  try {
    return await new Promise<Answer>((resolve, reject) => {
      client.subscribe(asked, {
        next: (result) => resolve(Answer.parse(result)),
        error: (errors) => {
          const refused = Answer.safeParse({ errors })
          if (refused.success) resolve(refused.data)
          else reject(new Error(String(errors)))
        },
        complete: () => undefined,
      })
    })
  } finally {
    await client.dispose()
  }
}

const WAYS = [
  ['HTTP', overHttp],
  ['SSE', overEventStream],
  ['WebSocket', overWebSocket],
] as const

const INTROSPECTION = ['{ __schema { queryType { name } } }', '{ __type(name: "Order") { name } }']

/** Each makes graphql-js propose a name. */
const SLIPS: readonly (readonly [string, Asked])[] = [
  ['a field', { query: '{ order(id: "o-1") { statsu } }' }],
  ['an argument', { query: '{ order(di: "o-1") { id } }' }],
  ['a type', { query: 'query ($x: Stringg) { order(id: $x) { id } }' }],
  ['a value of an enum', { query: '{ orders(filter: { status: CONFIRMD }) { nodes { id } } }' }],
  ['a field of an input', { query: '{ orders(filter: { statu: CONFIRMED }) { nodes { id } } }' }],
  [
    'a value of an enum, in a variable',
    {
      query: 'query ($s: OrderStatus) { orders(filter: { status: $s }) { nodes { id } } }',
      variables: { s: 'CONFIRMD' },
    },
  ],
  [
    'a field of an input, in a variable',
    {
      query: 'query ($f: OrderFilter) { orders(filter: $f) { nodes { id } } }',
      variables: { f: { statu: 'CONFIRMED' } },
    },
  ],
]

const MISMATCH: Asked = {
  query: '{ order(id: "o-1") { id } }',
  extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } },
}
const READING: Asked = { query: '{ orders { nodes { id } } }' }
const TRACED = { 'apollo-federation-include-trace': 'ftv1' }
const SDL: Asked = { query: '{ _service { sdl } }' }

const stack = stackOfFile()
const PRODUCTION = { NODE_ENV: 'production' }
const subgraph = { gateway: { enabled: false } }

describe('with NODE_ENV=production', () => {
  let service: Served
  let part: Served
  beforeAll(async () => {
    service = await serveOn(stack(), { env: PRODUCTION, untilTestEnds: false })
    part = await serveOn(stack(), { env: PRODUCTION, overrides: subgraph, untilTestEnds: false })
  })
  afterAll(async () => {
    await Promise.all([service?.stop(), part?.stop()])
  })

  it.each(WAYS)('the schema is not told over %s', async (_, ask) => {
    for (const query of INTROSPECTION)
      expect(await ask(service, { query })).toMatchObject({
        errors: [{ extensions: { code: 'INTROSPECTION_DISABLED' } }],
      })
  })

  it.each(WAYS)('no name is proposed over %s', async (_, ask) => {
    for (const [slip, asked] of SLIPS) {
      const { errors = [] } = await ask(service, asked)
      expect(errors.length, slip).toBeGreaterThan(0)
      expect(JSON.stringify(errors), slip).not.toMatch(/did you mean/i)
    }
  })

  it.each(WAYS)('nothing but data is in an answer over %s', async (_, ask) => {
    expect(Object.keys(await ask(service, READING))).toEqual(['data'])
    const [refusal] = (await ask(service, MISMATCH)).errors ?? []
    expect(refusal).toEqual({
      message: 'provided sha does not match query',
      extensions: { code: 'PERSISTED_QUERY_MISMATCH', status: 400 },
    })
  })

  it('there is no GraphiQL', async () => {
    for (const path of ['/graphiql', '/graphql', '/']) {
      const response = await fetch(`${service.origin}${path}`, { headers: { accept: 'text/html' } })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect((await response.text()).toLowerCase()).not.toContain('graphiql.create')
      expect(response.headers.get('content-type')).not.toContain('text/html')
    }
  })

  it('a subgraph tells gateways its schema, and traces nothing', async () => {
    const answer = await overHttp(part, SDL, TRACED)
    expect(answer.data).toMatchObject({ _service: { sdl: expect.stringContaining('type Order') } })
    expect(Object.keys(answer)).toEqual(['data'])
    // A graph for everybody has no such field.
    expect((await overHttp(service, SDL)).errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('a gateway composes such a subgraph, and has neither', async () => {
    const gateway = await gatewayBefore(part, PRODUCTION)
    expect((await overHttp(gateway, READING)).data).toEqual({ orders: { nodes: [] } })
    expect(Object.keys(await overHttp(gateway, READING))).toEqual(['data'])
    for (const [, ask] of WAYS) {
      expect(Object.keys(await ask(gateway, READING))).toEqual(['data'])
      expect((await ask(gateway, SDL)).errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED')
      expect((await ask(gateway, { query: INTROSPECTION[0] ?? '' })).errors?.[0]?.extensions?.code).toBe(
        'INTROSPECTION_DISABLED',
      )
      for (const [slip, asked] of SLIPS)
        expect(JSON.stringify((await ask(gateway, asked)).errors), slip).not.toMatch(/did you mean/i)
    }
  })

  it('each is switched on by who wants it', async () => {
    const open = await serveOn(stack(), {
      env: PRODUCTION,
      overrides: {
        ...subgraph,
        http: { graphiql: true },
        graph: { explain: true, limits: { introspection: true } },
      },
    })
    expect((await overHttp(open, READING, TRACED)).extensions).toMatchObject({
      ftv1: expect.any(String),
      headwater: {},
    })
    expect((await overHttp(open, { query: INTROSPECTION[0] ?? '' })).errors).toBeUndefined()
    expect((await fetch(`${open.origin}/graphiql`)).status).toBe(200)
  })
})

describe('where nothing is said of production', () => {
  it('all of it is there, for who develops', async () => {
    const service = await serveOn(stack())
    for (const [, ask] of WAYS) {
      expect((await ask(service, { query: INTROSPECTION[0] ?? '' })).errors).toBeUndefined()
      for (const [slip, asked] of SLIPS)
        expect(JSON.stringify((await ask(service, asked)).errors), slip).toMatch(/did you mean/i)
      expect((await ask(service, MISMATCH)).errors?.[0]?.extensions).toHaveProperty('measured')
    }
    expect((await overHttp(service, READING)).extensions).toHaveProperty('headwater.projections')
    expect((await fetch(`${service.origin}/graphiql`)).status).toBe(200)
    const { config } = service
    expect([config.http.host, config.nats.host, config.postgres.host]).toEqual(Array(3).fill('127.0.0.1'))
  })
})
