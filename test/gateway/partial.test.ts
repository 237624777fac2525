import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UnplannableError } from '../../src/graph/gateway/errors.ts'
import { createHivePlanner } from '../../src/graph/gateway/plan/hive-planner.ts'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'
import { ask } from './ask.ts'
import { type GraphOptions, serveGraph, startSubgraphs } from './graph.ts'

const definitions = {
  orders: {
    sdl: `
      type Query { orders: [Order!]! strict: [Strict!]! broken: [Order]! }
      type Order @key(fields: "id") { id: ID! note: String customer: Customer }
      type Strict { id: ID! customer: Customer! }
      type Customer @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: {
      Query: {
        orders: () => ['o1', 'o2', 'o3'].map((id) => ({ id, note: 'n', customer: { id: CUSTOMER_OF[id] } })),
        strict: () => [{ id: 's1', customer: { id: 'c1' } }],
        broken: () => {
          throw new Error('the database is on fire')
        },
      },
      Order: {
        note: (order: unknown) => {
          if (idOf(order) === 'o2')
            throw Object.assign(new Error('no note'), {
              extensions: { code: 'NO_NOTE', stacktrace: ['at /srv/secret.js:1'] },
            })
          return 'n'
        },
      },
    },
    entities: { Order: ({ id }: { id?: unknown }) => ({ id }) },
  },
  customers: {
    sdl: `
      type Query { vip: Customer count: Int! }
      type Customer @key(fields: "id") { id: ID! name: String! city: String friend: Customer }`,
    resolvers: {
      Query: { vip: () => ({ id: 'c1', name: 'Ana', city: 'Recife' }), count: () => 2 },
      Customer: {
        city: (customer: unknown) => {
          if (idOf(customer) === 'c2') throw new Error('nobody knows where c2 lives')
          return 'Recife'
        },
      },
    },
    entities: {
      Customer: ({ id }: { id?: unknown }) =>
        id === 'gone' ? null : { id, name: id === 'nameless' ? null : `Customer ${String(id)}` },
    },
  },
}

let CUSTOMER_OF: Record<string, string> = {}

const json = { 'content-type': 'application/json' }

const idOf = (item: unknown): unknown =>
  typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined

type Graph = Awaited<ReturnType<typeof startSubgraphs<'orders' | 'customers'>>>
let graph: Graph
const opened: { server: { close(): Promise<void> } }[] = []

beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
beforeEach(() => {
  CUSTOMER_OF = { o1: 'c1', o2: 'c2', o3: 'c1' }
  graph.server('customers').behave(undefined)
  graph.server('customers').hold(undefined)
})
afterAll(async () => {
  for (const { server } of opened) await server.close()
  await graph.stop()
})

async function serve(options: GraphOptions = {}) {
  const served = await serveGraph(graph.supergraph(), options)
  opened.push(served)
  return async (query: string) => {
    const answer = await ask(served.url, query)
    for (const name of ['orders', 'customers'] as const) {
      const { host, url } = graph.server(name)
      for (const address of [host, url, '127.0.0.1', host.split(':')[1] ?? ''])
        expect(answer.text).not.toContain(address)
    }
    return answer
  }
}

const QUERY = '{ orders { id customer { id city } } }'
const withoutCities = {
  orders: [
    { id: 'o1', customer: { id: 'c1', city: null } },
    { id: 'o2', customer: { id: 'c2', city: null } },
    { id: 'o3', customer: { id: 'c1', city: null } },
  ],
}

describe('an error of a subgraph', () => {
  it('of an entity is told at each place where the entity stands, and of no other', async () => {
    CUSTOMER_OF = { o1: 'c2', o2: 'c1', o3: 'c2' }
    const { data, errors } = await (await serve())(QUERY)
    expect(data).toMatchObject({
      orders: [{ customer: { city: null } }, { customer: { city: 'Recife' } }, { customer: { city: null } }],
    })
    const error = {
      message: 'nobody knows where c2 lives',
      extensions: { code: 'SUBGRAPH_ERROR', status: 502, subgraph: 'customers' },
    }
    expect(errors).toEqual([
      { ...error, path: ['orders', 0, 'customer', 'city'] },
      { ...error, path: ['orders', 2, 'customer', 'city'] },
    ])
  })

  it('keeps its code and says its subgraph, but not where in its code it was', async () => {
    const { errors } = await (await serve())('{ all: orders { text: note } }')
    expect(errors).toEqual([
      { message: 'no note', path: ['all', 1, 'text'], extensions: { code: 'NO_NOTE', subgraph: 'orders' } },
    ])
  })

  it('that leaves nothing explains the null: there is no second error for it', async () => {
    const { data, errors, status } = await (await serve())('{ broken { id } }')
    expect({ data, status }).toEqual({ data: null, status: 200 })
    expect(errors?.map(({ message, path }) => ({ message, path }))).toEqual([
      { message: 'the database is on fire', path: ['broken'] },
    ])
  })

  it('says nothing of the address of its subgraph', async () => {
    const { host, url } = graph.server('customers')
    graph.server('customers').behave((_, response) => {
      const message = `connect ECONNREFUSED ${host} (127.0.0.1), asked for ${url}`
      const errors = [{ message, path: ['vip'], extensions: { code: 'X', cause: [{ at: url }] } }]
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: { vip: null }, errors }))
    })
    const { errors } = await (await serve())('{ vip { id } }')
    expect(errors?.[0]?.message).toBe('connect ECONNREFUSED customers (customers), asked for customers')
  })
})

describe('an entity', () => {
  it('that does not exist is no error where its fields may be null', async () => {
    CUSTOMER_OF['o1'] = 'gone'
    const { data, errors } = await (await serve())('{ orders { customer { city } } }')
    expect(data).toMatchObject({ orders: [{ customer: { city: null } }, {}, {}] })
    expect(errors?.map(({ path }) => path)).toEqual([['orders', 1, 'customer', 'city']])
  })

  it('that does not exist makes null what may be, where its fields may not, and is no error either', async () => {
    CUSTOMER_OF['o1'] = 'gone'
    const { data, errors } = await (await serve())('{ orders { customer { name } } }')
    expect(data).toMatchObject({ orders: [{ customer: null }, { customer: { name: 'Customer c2' } }, {}] })
    expect(errors).toBeUndefined()
  })
})

describe('a subgraph', () => {
  const unavailable = [
    {
      message: 'The subgraph customers could not be reached',
      path: ['orders', 0, 'customer', 'city'],
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', status: 503, subgraph: 'customers' },
    },
  ]

  it.each<[string, Parameters<ReturnType<Graph['server']>['behave']>[0]]>([
    ['that ends the connection', (_, response) => void response.destroy()],
    ['that answers garbage', (_, response) => void response.writeHead(200, json).end('<html>')],
    [
      'that answers what is no result',
      (_, response) => void response.writeHead(200, json).end('{"ok":true}'),
    ],
    [
      'whose proxy answers for it',
      (_, response) => void response.writeHead(502, json).end('{"data":{"_entities":[]}}'),
    ],
    ['that sends elsewhere', (_, response) => void response.writeHead(307, { location: '/other' }).end()],
    [
      'that answers without end',
      (_, response) => {
        response.writeHead(200, json)
        const more = () => {
          while (response.write('"'.repeat(65_536)));
          response.once('drain', more)
        }
        more()
      },
    ],
  ])('%s leaves the rest of the answer, and one error', async (_, behaviour) => {
    graph.server('customers').behave(behaviour)
    const { data, errors, status } = await (await serve({ http: { maxResponseBytes: 1_000_000 } }))(QUERY)
    expect({ data, errors, status }).toEqual({ data: withoutCities, errors: unavailable, status: 200 })
  })

  it('that is not there leaves the rest of the answer, and no error for what must not be null', async () => {
    const connectNowhere = await serveGraph(
      graph.supergraph().replaceAll(graph.server('customers').url, 'http://127.0.0.1:1/graphql'),
    )
    opened.push(connectNowhere)
    const { data, errors, text } = await ask(
      connectNowhere.url,
      '{ orders { id customer { name } } vip { id } }',
    )
    expect(data).toEqual({
      orders: ['o1', 'o2', 'o3'].map((id) => ({ id, customer: null })),
      vip: null,
    })
    expect(errors?.map(({ path, extensions: { code } }) => ({ path, code }))).toEqual([
      { path: ['vip'], code: 'SUBGRAPH_UNAVAILABLE' },
      { path: ['orders', 0, 'customer', 'name'], code: 'SUBGRAPH_UNAVAILABLE' },
    ])
    expect(text).not.toContain('127.0.0.1')
  })

  it('that does not answer in time is waited for no longer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    graph.server('customers').hold(() => promise)
    const ask = await serve({
      connect: (name, url) =>
        createHttpSubgraph({ name, url, timeoutMs: name === 'customers' ? 50 : 20_000 }),
    })
    const { data, errors } = await ask(QUERY)
    resolve()
    expect(data).toEqual(withoutCities)
    expect(errors?.map(({ message, extensions: { code } }) => ({ message, code }))).toEqual([
      { message: 'The subgraph customers did not answer in time', code: 'SUBGRAPH_TIMEOUT' },
    ])
  })

  it('is not waited for when the time of the whole operation is up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    graph.server('customers').hold(() => promise)
    const ask = await serve({ timeoutMs: 5000 })
    // The time is for customers alone: what everything else needs at first is there then.
    await ask('{ orders { id } }')
    const { data, errors } = await ask(QUERY)
    resolve()
    expect(data).toEqual(withoutCities)
    expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['SUBGRAPH_TIMEOUT'])
  })

  it('is believed with a status of its own when the answer is GraphQL', async () => {
    graph.server('customers').behave((_, response) => {
      response
        .writeHead(400, { 'content-type': 'application/graphql-response+json' })
        .end('{"errors":[{"message":"too deep","extensions":{"code":"QUERY_TOO_DEEP"}}]}')
    })
    const { data, errors } = await (await serve())(QUERY)
    expect(data).toEqual(withoutCities)
    expect(errors).toMatchObject([
      {
        message: 'too deep',
        path: ['orders', 0, 'customer', 'city'],
        extensions: { code: 'QUERY_TOO_DEEP' },
      },
    ])
  })

  it('whose answer does not fit is not believed', async () => {
    graph.server('customers').behave((_, response) => {
      response.writeHead(200, json).end('{"data":{"_entities":[{"city":"Recife"}]}}')
    })
    const { data, errors } = await (await serve())(QUERY)
    expect(data).toEqual(withoutCities)
    expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['SUBGRAPH_INVALID_RESULT'])
  })
})

describe('an operation', () => {
  it('that the subgraphs cannot answer is refused, and says so', async () => {
    const createPlanner = async (sdl: string) => ({
      publicSdl: (await createHivePlanner(sdl)).publicSdl,
      plan: () => Promise.reject(new UnplannableError(new Error('secret'))),
    })
    const { status, data, errors, text } = await (await serve({ createPlanner }))('{ orders { id } }')
    expect({ status, data }).toEqual({ status: 400, data: undefined })
    expect(errors?.map(({ extensions: { code } }) => code)).toEqual(['OPERATION_UNPLANNABLE'])
    expect(text).not.toContain('secret')
  })

  it('cannot reach what all objects have in common', async () => {
    const ask = await serve()
    const { status, errors } = await ask('{ __proto__: orders { polluted: id } }')
    expect({ status, code: errors?.[0]?.extensions.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' })
    graph.server('customers').behave((_, response) => {
      response
        .writeHead(200, json)
        .end(
          '{"data":{"vip":{"id":"1"},"__proto__":{"polluted":1}},"errors":[{"message":"m","path":["__proto__","polluted"]}]}',
        )
    })
    expect((await ask('{ vip { id } }')).data).toEqual({ vip: { id: '1' } })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
