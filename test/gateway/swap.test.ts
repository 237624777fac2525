import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'graphql/index.js'
import { until } from '../support/until.ts'
import { ask } from './ask.ts'
import { gatewayOf, serveGraph, startSubgraphs } from './graph.ts'
import { gatewayRequest } from './request.ts'

const definitions = {
  things: {
    sdl: 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! name: String! }',
    resolvers: { Query: { thing: () => ({ id: 't', name: 'one' }) } },
    entities: { Thing: ({ id }: { id?: unknown }) => ({ id, name: 'one' }) },
  },
  parts: {
    sdl: 'type Query { count: Int } type Thing @key(fields: "id") { id: ID! weight: Int! }',
    entities: { Thing: ({ id }: { id?: unknown }) => ({ id, weight: 3 }) },
  },
}

let graph: Awaited<ReturnType<typeof startSubgraphs<'things' | 'parts'>>>
beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
afterAll(async () => {
  await graph.stop()
})

const QUERY = '{ thing { name weight } }'
const ANSWER = { thing: { name: 'one', weight: 3 } }

describe('a gateway that is swapped for another one', () => {
  it('drops no request under load', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    const wrong: unknown[] = []
    let answered = 0
    const over = new AbortController()
    const asking = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) {
        const { status, data } = await ask(url, QUERY).catch((error: unknown) => ({
          status: 0,
          data: String(error),
        }))
        answered++
        if (status !== 200 || JSON.stringify(data) !== JSON.stringify(ANSWER)) wrong.push({ status, data })
      }
    })
    let swaps = 0
    while (swaps < 10) {
      const before = answered
      await server.swap(await gatewayOf(graph.supergraph()))
      swaps++
      await until('answers of the new one', () => Promise.resolve(answered > before + 20))
    }
    over.abort()
    await Promise.all(asking)
    expect(wrong).toEqual([])
    expect(swaps).toBe(10)
    expect(answered).toBeGreaterThan(200)
    await server.close()
  })

  it('finishes what has begun, with the schema that it began with, and is closed after that', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    const { promise, resolve } = Promise.withResolvers<void>()
    graph.asked('parts')
    graph.server('parts').hold(() => promise)
    const begun = ask(url, QUERY)
    await until('the request to be under way', () => Promise.resolve(graph.server('parts').asked.length > 0))
    const old = server.gateway
    const renamed = graph.supergraph().replaceAll(/\bweight\b/g, 'mass')
    await server.swap(await gatewayOf(renamed))
    expect((await ask(url, QUERY)).errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    graph.server('parts').hold(undefined)
    resolve()
    expect((await begun).data).toEqual(ANSWER)
    const { request } = gatewayRequest()
    await until('the old one to be closed', () =>
      old.execute({ document: parse(QUERY), variables: {}, request }).then(
        () => false,
        (error: unknown) => error instanceof Error && 'code' in error && error.code === 'GATEWAY_CLOSED',
      ),
    )
    await server.close()
  })

  it('stays when the other one cannot be made', async () => {
    const { url, server } = await serveGraph(graph.supergraph())
    await expect(gatewayOf('type Query { thing: Int }')).rejects.toMatchObject({ code: 'INVALID_SUPERGRAPH' })
    await expect(gatewayOf('type Query {')).rejects.toMatchObject({ code: 'INVALID_SUPERGRAPH' })
    expect((await ask(url, QUERY)).data).toEqual(ANSWER)
    await server.close()
  })

  it('serves the routes beside the graph with any of them', async () => {
    const served = await serveGraph(graph.supergraph())
    expect(await (await fetch(new URL('/nothing', served.url))).json()).toMatchObject({ statusCode: 404 })
    await served.server.close()
  })
})
