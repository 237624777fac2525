import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'
import { createMercuriusHttp } from '../../src/graph/mercurius-gateway/mercurius-http.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { startGateway } from '../../src/runtime/gateway-service.ts'
import { ask } from '../gateway/ask.ts'
import { startSubgraphs } from '../gateway/graph.ts'

const logger = pino({ level: 'silent' })
const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

const settings = {
  graphiql: false,
  introspection: true,
  bodyLimit: 1024 * 1024,
  jit: 1,
  queryDepth: 15,
  debug: false,
}

async function open({ customersTimeoutMs = 30_000 } = {}) {
  const subgraphs = await startSubgraphs({
    orders: {
      sdl: `type Query { orders: [Order!]! order(id: ID!): Order }
        type Order @key(fields: "id") { id: ID! customer: Customer note: String }
        type Customer @key(fields: "id") { id: ID! spent(in: String): Int! visits: Int }`,
      resolvers: {
        Query: {
          orders: () => ['a', 'b', 'c'].map((id) => ({ id, customer: { id } })),
          order: (_, { id }: { id: string }) => ({ id, customer: { id } }),
        },
        Order: {
          note: () => {
            throw new Error('no note')
          },
        },
        Customer: {
          spent: (parent: unknown) => (JSON.stringify(parent).includes('"b"') ? null : 3),
        },
      },
      entities: { Order: ({ id }) => ({ id }), Customer: ({ id }) => ({ id, visits: 1 }) },
    },
    customers: {
      sdl: 'type Customer @key(fields: "id") { id: ID! name: String! city: String age: Int }',
      entities: {
        Customer({ id }) {
          if (id === 'b') throw new Error('b is away')
          return id === 'c' ? null : { id, name: `name of ${String(id)}`, city: 'Recife' }
        },
      },
      resolvers: {
        Customer: {
          age: () => {
            throw new Error('no age')
          },
        },
      },
    },
  })
  const names = ['orders', 'customers'] as const
  const reported: string[] = []
  const app = createMercuriusHttp({
    subgraphs: names.map((name) => ({ name, sdl: subgraphs.server(name).sdl })),
    connect: (name) =>
      createHttpSubgraph({
        name,
        url: subgraphs.server(name === 'orders' ? name : 'customers').url,
        timeoutMs: name === 'orders' ? 30_000 : customersTimeoutMs,
      }),
    report: (_, subgraph) => void reported.push(subgraph),
    settings: { ...settings, timeoutMs: 60_000 },
    forwardHeaders: ['authorization'],
    logger,
  })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/graphql`
  stops.push(subgraphs.stop, async () => await app.close())
  return { url, subgraphs, reported }
}

describe('the engine mercurius', () => {
  it('tells of an entity that failed where it is, and gives the others', async () => {
    const { url } = await open()
    const { data, errors } = await ask(url, '{ orders { id buyer: customer { name } } }')
    expect(data).toEqual({
      orders: [
        { id: 'a', buyer: { name: 'name of a' } },
        { id: 'b', buyer: null },
        { id: 'c', buyer: null },
      ],
    })
    expect(errors).toMatchObject([
      {
        message: 'b is away',
        path: ['orders', 1, 'buyer'],
        extensions: { code: 'SUBGRAPH_ERROR', subgraph: 'customers' },
      },
    ])
  })

  it('tells of a field that another adds where it is', async () => {
    const { url } = await open()
    const { data, errors } = await ask(
      url,
      '{ a: order(id: "a") { customer { spent } } b: order(id: "b") { customer { spent visits } } }',
    )
    expect(data).toEqual({ a: { customer: { spent: 3 } }, b: { customer: null } })
    expect(errors?.map(({ path }) => path)).toEqual([['b', 'customer', 'spent']])
    expect(errors?.[0]?.extensions.subgraph).toBe('orders')
  })

  it('tells of a field without a value by the client’s names; within an entity by the subgraph alone', async () => {
    const { url } = await open()
    const { data, errors } = await ask(url, '{ mine: order(id: "a") { note customer { name age } } }')
    expect(data).toEqual({ mine: { note: null, customer: { name: 'name of a', age: null } } })
    expect(errors).toMatchObject([
      { message: 'no note', path: ['mine', 'note'], extensions: { subgraph: 'orders' } },
      { message: 'no age', extensions: { subgraph: 'customers' } },
    ])
  })

  it('asks for what a list needs once', async () => {
    const { url, subgraphs } = await open()
    await ask(url, '{ orders { customer { name visits } } }')
    expect(subgraphs.asked('customers')).toHaveLength(1)
    expect(subgraphs.asked('orders')).toHaveLength(2)
  })

  it('forwards the headers that are to be, and no others', async () => {
    const { url, subgraphs } = await open()
    await ask(url, '{ order(id: "a") { customer { name } } }', { authorization: 'Bearer me', cookie: 'a=b' })
    for (const name of ['orders', 'customers'] as const) {
      const [asked] = subgraphs.asked(name)
      expect(asked?.headers).toMatchObject({ authorization: 'Bearer me' })
      expect(Object.keys(asked?.headers ?? {})).not.toContain('cookie')
      expect(Object.keys(asked?.headers ?? {}).join()).not.toContain('headwater')
    }
  })

  it.each(['<html>', '{"data":', '[]', '{"data":{"_entities":null}}'])(
    'is not upset by a subgraph that answers %s',
    async (body) => {
      const { url, subgraphs } = await open()
      subgraphs.server('customers').behave((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      })
      const { data, errors, text } = await ask(url, '{ orders { id customer { name } } }')
      expect(data).toEqual({ orders: ['a', 'b', 'c'].map((id) => ({ id, customer: null })) })
      expect(errors).toHaveLength(3)
      expect(errors?.[0]?.extensions.subgraph).toBe('customers')
      expect(text).not.toMatch(/127\.0\.0\.1|html|subgraph\.invalid/)
    },
  )

  it('gives what it has when a subgraph is late', async () => {
    const { url, subgraphs, reported } = await open({ customersTimeoutMs: 200 })
    subgraphs.server('customers').hold(() => new Promise(() => undefined))
    const { data, errors } = await ask(url, '{ order(id: "a") { id customer { name } } }')
    expect(data).toEqual({ order: { id: 'a', customer: null } })
    expect(errors).toMatchObject([
      { path: ['order', 'customer'], extensions: { code: 'SUBGRAPH_TIMEOUT', subgraph: 'customers' } },
    ])
    expect(reported).toEqual(['customers'])
  })

  it('refuses a composed supergraph, and says what to do', async () => {
    const { config } = loadConfig({
      env: {},
      cwd: '/',
      overrides: {
        http: { port: 0 },
        log: { level: 'silent' },
        gateway: { engine: 'mercurius', supergraph: import.meta.filename },
      },
    })
    await expect(startGateway({ config, contexts: [] })).rejects.toMatchObject({
      code: 'GATEWAY_ENGINE_UNSUITED',
      message: expect.stringContaining('[[federation.subgraphs]]'),
    })
  })
})
