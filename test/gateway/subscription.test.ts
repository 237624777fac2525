import { parse } from 'graphql/index.js'
import { EventEmitter, on } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Gateway } from '../../src/graph/gateway/gateway.ts'
import { until } from '../support/until.ts'
import { gatewayOf, startSubgraphs } from './graph.ts'
import { gatewayRequest } from './request.ts'

const events = new EventEmitter()

/** What is emitted from here on, until nobody wants it any more. */
async function* emitted(signal: AbortSignal) {
  try {
    for await (const [event] of on(events, 'change', { signal })) {
      if (event === 'end') return
      yield event
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const definitions = {
  orders: {
    sdl: `
      type Query { order: Order }
      type Subscription { changed(of: String): Order! counted: Int! }
      type Order @key(fields: "id") { id: ID! customer: Customer }
      type Customer @key(fields: "id", resolvable: false) { id: ID! }`,
    entities: { Order: ({ id }: { id?: unknown }) => ({ id }) },
    streams: {
      changed: (_: unknown, signal: AbortSignal) => emitted(signal),
      async *counted() {
        for (let count = 0; count < 5000; count++) yield count
      },
    },
  },
  customers: {
    sdl: `
      type Query { count: Int }
      type Customer @key(fields: "id") { id: ID! name: String! }`,
    entities: {
      Customer: ({ id }: { id?: unknown }) => {
        if (id === 'broken') throw new Error('no such luck')
        return { id, name: `Customer ${String(id)}` }
      },
    },
  },
}

type Graph = Awaited<ReturnType<typeof startSubgraphs<'orders' | 'customers'>>>
let graph: Graph
let gateway: Gateway

beforeAll(async () => {
  graph = await startSubgraphs(definitions)
})
beforeEach(async () => {
  gateway = await gatewayOf(graph.supergraph())
})
afterAll(async () => {
  await graph.stop()
})

const CHANGED = parse('subscription { changed { id customer { name } } }')
const listening = (count: number) =>
  until('the subgraph to listen', () => Promise.resolve(events.listenerCount('change') === count))
const order = (id: string, customer: string) => ({ id, customer: { id: customer } })

describe('a subscription', () => {
  it('runs the rest of the plan for every event, in order', async () => {
    const { request } = gatewayRequest()
    const answers = await gateway.subscribe({ document: CHANGED, variables: {}, request })
    const first = answers.next()
    await listening(1)
    events.emit('change', order('o1', 'c1'))
    events.emit('change', order('o2', 'c2'))
    expect((await first).value).toMatchObject({
      data: { changed: { id: 'o1', customer: { name: 'Customer c1' } } },
    })
    expect((await answers.next()).value).toMatchObject({
      data: { changed: { id: 'o2', customer: { name: 'Customer c2' } } },
    })
    events.emit('change', 'end')
    expect(await answers.next()).toMatchObject({ done: true })
    await gateway.close()
  })

  it('tells of what could not be fetched for an event, and goes on', async () => {
    const { request } = gatewayRequest()
    const answers = await gateway.subscribe({ document: CHANGED, variables: {}, request })
    const first = answers.next()
    await listening(1)
    events.emit('change', order('o1', 'broken'))
    events.emit('change', order('o2', 'c2'))
    const { value } = await first
    expect(value.data).toEqual({ changed: { id: 'o1', customer: null } })
    expect(value.errors.map((error: Error) => error.message)).toEqual(['no such luck'])
    expect((await answers.next()).value).toMatchObject({ data: { changed: { id: 'o2' } }, errors: [] })
    await answers.return?.()
    await listening(0)
    await gateway.close()
  })

  it('ends upstream when its reader returns, even while it waits', async () => {
    const { request } = gatewayRequest()
    const answers = await gateway.subscribe({ document: CHANGED, variables: {}, request })
    const waiting = answers.next()
    await listening(1)
    await answers.return?.()
    expect(await waiting).toMatchObject({ done: true })
    await listening(0)
    await gateway.close()
  })

  it('ends upstream when the client is gone', async () => {
    const { request, abort } = gatewayRequest()
    const answers = await gateway.subscribe({ document: CHANGED, variables: {}, request })
    const waiting = answers.next()
    await listening(1)
    abort()
    expect(await waiting).toMatchObject({ done: true })
    await listening(0)
    await gateway.close()
  })

  it('is told when the gateway is closed, so that it can be made again', async () => {
    const { request } = gatewayRequest()
    const answers = await gateway.subscribe({ document: CHANGED, variables: {}, request })
    const waiting = answers.next()
    const failed = expect(waiting).rejects.toMatchObject({ code: 'GATEWAY_CLOSED' })
    await listening(1)
    await gateway.close()
    await failed
    await listening(0)
  })

  it('passes every event on to one who reads as they come', async () => {
    const { request } = gatewayRequest()
    const document = parse('subscription { counted }')
    const counts: unknown[] = []
    const answers = await gateway.subscribe({ document, variables: {}, request })
    for (let count = 0; count < 20; count++) counts.push((await answers.next()).value.data)
    expect(counts).toEqual(Array.from({ length: 20 }, (_, counted) => ({ counted })))
    await answers.return?.()
    await gateway.close()
  })

  it('does not keep more events than it may for one who does not read', async () => {
    const { request } = gatewayRequest()
    const document = parse('subscription { counted }')
    const answers = await gateway.subscribe({ document, variables: {}, request })
    await answers.next()
    // Thousands are on their way: they come while nobody asks for them.
    const failure = until('the overflow', () =>
      answers.next().then(
        () => undefined,
        (error: unknown) => error,
      ),
    )
    expect(await failure).toMatchObject({ code: 'SUBSCRIPTION_OVERFLOW', status: 429 })
    await gateway.close()
  })

  it('of a subgraph that is not there fails without its address', async () => {
    const nowhere = await gatewayOf(
      graph.supergraph().replaceAll(graph.server('orders').url, 'http://127.0.0.1:1/graphql'),
    )
    const { request } = gatewayRequest()
    const answers = await nowhere.subscribe({ document: CHANGED, variables: {}, request })
    await expect(answers.next()).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      message: 'The subgraph orders could not be reached',
    })
    await nowhere.close()
  })
})
