import { parse } from 'graphql/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpSubgraph } from '../../src/graph/gateway/transport/http-subgraph.ts'
import { ask } from './ask.ts'
import { gatewayOf, serveGraph, startSubgraphs } from './graph.ts'
import { gatewayRequest } from './request.ts'

const definitions = {
  a: {
    sdl: 'type Query { one: Int two(text: String = "two"): String } type Thing @key(fields: "id") { id: ID! name: String }',
    resolvers: { Query: { one: () => 1, two: (_: unknown, { text }: Record<string, unknown>) => text } },
    entities: { Thing: ({ id }: { id?: unknown }) => ({ id }) },
  },
  b: { sdl: 'type Query { three: Int }', resolvers: { Query: { three: () => 3 } } },
}

let graph: Awaited<ReturnType<typeof startSubgraphs<'a' | 'b'>>>
beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
afterAll(async () => {
  await graph.stop()
})

const json = { 'content-type': 'application/json' }

describe('a request to a subgraph', () => {
  it('has those of the headers that are passed on, and of the client no others', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    graph.asked('a')
    await ask(url, '{ one }', {
      authorization: 'Bearer t',
      'headwater-at-least': 'ORDERS=1',
      'x-secret': 's',
    })
    const [asked] = graph.asked('a')
    expect(asked?.headers).toMatchObject({ authorization: 'Bearer t', 'headwater-at-least': 'ORDERS=1' })
    expect(asked?.headers).not.toHaveProperty('x-secret')
    await server.close()
  })

  it('has the variables that it needs, and leaves defaults to the operation', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    const query = 'query($text: String, $is: Boolean!) { two(text: $text) three @include(if: $is) }'
    graph.asked('a')
    expect((await ask(url, { query, variables: { is: true } })).data).toEqual({ two: 'two', three: 3 })
    expect((await ask(url, { query, variables: { is: false, text: null } })).data).toEqual({ two: null })
    expect(graph.asked('a').map(({ variables }) => variables)).toEqual([{}, { text: null }])
    await server.close()
  })

  it('has the user that is in the address of the subgraph', async () => {
    const { host, url } = graph.server('b')
    const withUser = graph.supergraph().replaceAll(url, `http://user:p%40ss@${host}/graphql`)
    const served = await serveGraph(withUser)
    graph.asked('b')
    await ask(served.url, '{ three }')
    expect(graph.asked('b')[0]?.headers.authorization).toBe(`Basic ${btoa('user:p@ss')}`)
    await served.server.close()
  })

  it('takes a connection that is there already, and no more than it may', async () => {
    const { url, server } = await serveGraph(graph.supergraph(), { http: { connections: 2 } })
    const before = graph.server('a').connections()
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(url, '{ one }')))
      expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ one: 1 })))
    }
    expect(graph.server('a').connections() - before).toBeLessThanOrEqual(2)
    await server.close()
  })

  it('needs an address of HTTP', () => {
    for (const url of ['', 'nowhere', 'file:///etc/passwd'])
      expect(() => createHttpSubgraph({ name: 'a', url })).toThrow(TypeError)
  })
})

describe('the extensions of an answer', () => {
  it('say how far the projections were that subgraphs have read', async () => {
    for (const name of ['a', 'b'] as const) {
      const projections = { [`of-${name}`]: { positions: { LOG: 7 } } }
      graph.server(name).behave((_, response) => {
        const data = name === 'a' ? { one: 1 } : { three: 3 }
        response
          .writeHead(200, json)
          .end(JSON.stringify({ data, extensions: { headwater: { projections } } }))
      })
    }
    const { url, server } = await serveGraph(graph.supergraph())
    expect(await ask(url, '{ one three }')).toMatchObject({
      data: { one: 1, three: 3 },
      extensions: {
        headwater: { projections: { 'of-a': { positions: { LOG: 7 } }, 'of-b': { positions: { LOG: 7 } } } },
      },
    })
    for (const name of ['a', 'b'] as const) graph.server(name).behave(undefined)
    expect((await ask(url, '{ one three }')).extensions).toBeUndefined()
    await server.close()
  })

  it('say which step served what when that is asked for', async () => {
    const step = {
      subgraph: 'a',
      type: undefined,
      strategy: 'local',
      outcome: 'served',
      durationMs: 1,
    } as const
    const { url, server } = await serveGraph(graph.supergraph(), {
      debug: true,
      connect: (name) => ({
        name,
        execute({ request }) {
          request.resolved(step)
          return Promise.resolve({ data: { one: 5 } })
        },
        async *subscribe() {},
        close: () => Promise.resolve(),
      }),
    })
    const { type: _, ...told } = step
    expect(await ask(url, '{ one }')).toMatchObject({
      data: { one: 5 },
      extensions: { headwater: { resolution: [told] } },
    })
    await server.close()
  })
})

describe('a gateway', () => {
  it('says in the log why a subgraph gave no result, with the cause', async () => {
    const reported: [string, unknown][] = []
    const gateway = await gatewayOf(graph.supergraph(), {
      report: (error, subgraph) => void reported.push([subgraph, error]),
    })
    graph.server('b').behave((_, response) => void response.writeHead(502).end('bad gateway'))
    const { request } = gatewayRequest()
    await gateway.execute({ document: parse('{ one three }'), variables: {}, request })
    graph.server('b').behave(undefined)
    expect(reported).toMatchObject([
      ['b', { code: 'SUBGRAPH_UNAVAILABLE', cause: { message: expect.stringMatching(/^status 502/) } }],
    ])
    await gateway.close()
  })

  it('lets go of its subgraphs when it is closed', async () => {
    const closed: string[] = []
    const gateway = await gatewayOf(graph.supergraph(), {
      connect: (name) => ({
        name,
        execute: () => Promise.resolve({}),
        async *subscribe() {},
        close: async () => void closed.push(name),
      }),
    })
    await Promise.all([gateway.close(), gateway.close()])
    expect(closed.toSorted()).toEqual(['a', 'b'])
  })
})
