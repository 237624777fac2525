import { createClient } from 'graphql-ws'
import { EventEmitter, on } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { until } from '../support/until.ts'
import { gatewayOf, serveGraph, startSubgraphs } from './graph.ts'

const events = new EventEmitter()
let begun = 0

const definitions = {
  a: {
    sdl: 'type Query { one: Int } type Subscription { thing: Thing! } type Thing @key(fields: "id") { id: ID! }',
    entities: { Thing: ({ id }: { id?: unknown }) => ({ id }) },
    streams: {
      async *thing(_: unknown, signal: AbortSignal) {
        begun++
        try {
          for await (const [id] of on(events, 'thing', { signal })) yield { id }
        } catch (error) {
          if (!signal.aborted) throw error
        }
      },
    },
  },
  b: {
    sdl: 'type Query { two: Int } type Thing @key(fields: "id") { id: ID! name: String }',
    entities: { Thing: ({ id }: { id?: unknown }) => ({ id, name: `thing ${String(id)}` }) },
  },
}

let graph: Awaited<ReturnType<typeof startSubgraphs<'a' | 'b'>>>
beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
afterAll(async () => {
  await graph.stop()
})

describe('a subscription over WebSocket, through the gateway', () => {
  it('gets events with fields of other subgraphs, and is ended so that it comes again when the gateway is swapped', async () => {
    const { url, server } = await serveGraph(graph.supergraph(), { live: true })
    const codes: unknown[] = []
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 10,
      retryWait: () => Promise.resolve(),
      on: {
        closed(event) {
          codes.push(typeof event === 'object' && event !== null && 'code' in event ? event.code : undefined)
        },
      },
    })
    const received: unknown[] = []
    /** As often as that, and nobody listens any more but the last. */
    const subscribed = (times: number, listeners = 1) =>
      until('the subgraph to be subscribed to', () =>
        Promise.resolve(begun === times && events.listenerCount('thing') === listeners),
      )
    const unsubscribe = client.subscribe(
      { query: 'subscription { thing { id name } }' },
      {
        next: ({ data }) => void received.push(data),
        error: (error) => void received.push(error),
        complete: () => {},
      },
    )
    await subscribed(1)
    events.emit('thing', 't1')
    await until('the first', () => Promise.resolve(received.length === 1))

    await server.swap(await gatewayOf(graph.supergraph()))
    await until('the connection to end', () => Promise.resolve(codes.length === 1))
    expect(codes).toEqual([1001])
    await subscribed(2)
    events.emit('thing', 't2')
    await until('the second', () => Promise.resolve(received.length === 2))
    expect(received).toEqual([
      { thing: { id: 't1', name: 'thing t1' } },
      { thing: { id: 't2', name: 'thing t2' } },
    ])
    unsubscribe()
    await subscribed(2, 0)
    await client.dispose()
    await server.close()
  })
  it('is told which subgraph is gone, as an answer would', async () => {
    const nowhere = graph.supergraph().replaceAll(graph.server('a').url, 'http://127.0.0.1:1/graphql')
    const { url, server } = await serveGraph(nowhere, { live: true })
    const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket })
    const told = Promise.withResolvers<unknown>()
    client.subscribe({ query: 'subscription { thing { id } }' }, { ...silent, error: told.resolve })
    expect(await told.promise).toMatchObject([
      {
        message: 'The subgraph a could not be reached',
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', status: 503, subgraph: 'a' },
      },
    ])
    await client.dispose()
    await server.close()
  })
})

const silent = { next: () => {}, complete: () => {} }
