import { createClient } from 'graphql-ws'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { until } from '../support/until.ts'
import { commandSender, topologyOfFile } from './topology.ts'

const opened = topologyOfFile()

const Payload = z.object({
  ordersChanged: z.object({
    type: z.enum(['STATE', 'EVENT', 'BOOKMARK']),
    cursor: z.string().nullable(),
    event: z.object({ id: z.string(), type: z.string(), version: z.number() }).nullable(),
    order: z.object({ id: z.string(), customer: z.object({ city: z.string() }).nullable() }).nullable(),
  }),
})

const QUERY = `subscription ($after: Cursor) {
  ordersChanged(after: $after) { type cursor event { id type version } order { id customer { city } } }
}`

/** A client as people write one: it subscribes, and when that ends for whatever reason, again from its last cursor. */
function follow(url: string) {
  const events: { id: string; order: string; version: number; city: string | undefined }[] = []
  const stopped = new AbortController()
  let cursor: string | null = null
  let subscriptions = 0

  async function once(): Promise<void> {
    const client = createClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazyCloseTimeout: 0,
    })
    try {
      const results = client.iterate({ query: QUERY, variables: { after: cursor } })
      stopped.signal.addEventListener('abort', () => void results.return?.(), { once: true })
      subscriptions++
      for await (const { data, errors } of results) {
        if (errors) throw new Error(JSON.stringify(errors))
        const { ordersChanged: change } = Payload.parse(data)
        if (change.event && change.order) {
          const { id, version } = change.event
          events.push({ id, version, order: change.order.id, city: change.order.customer?.city })
        }
        cursor = change.cursor ?? cursor
      }
    } finally {
      await client.dispose()
    }
  }

  const running = (async () => {
    while (!stopped.signal.aborted) {
      // Whatever it was: a client comes again.
      await once().catch(() => undefined)
      await delay(50)
    }
  })()
  return {
    events,
    subscriptions: () => subscriptions,
    /** Whether it has been told where it stands. */
    hasBegun: () => cursor !== null,
    async stop() {
      stopped.abort()
      await running
    },
  }
}

it('a subscription through the gateway goes on over restarts of everything, without a gap or a repeat (6 faults)', async () => {
  const { topology, gateway } = opened()
  const { stack, shop, customers } = topology
  const sendOnce = commandSender(topology, 2000)
  /** Sent until it is accepted: its id makes that safe. */
  async function send(path: string, data: unknown, commandId: string): Promise<void> {
    for (;;) {
      try {
        const reply = await sendOnce(path, data, commandId)
        if (reply.ok) return
        if (reply.status !== 503) throw new TypeError(JSON.stringify(reply))
      } catch (error) {
        if (error instanceof TypeError) throw error
      }
      await delay(50)
    }
  }
  await send('customer.c-1.register', { city: 'Recife', state: 'PE', postalCode: '5' }, 'register')
  const client = follow(gateway.url)
  const clients = [client, follow(gateway.url)]
  // The present state is empty; what comes from here on are events, the first one included.
  await until('both are subscribed', async () => clients.every((one) => one.hasBegun()))
  const items = [{ sku: 'tea', quantity: 1, unitPrice: '1.00' }]
  await send('order.o-first.create', { customerId: 'c-1', currency: 'EUR', items }, 'first')
  await until('both hear of the first', async () => clients.every(({ events }) => events.length > 0))

  const over = new AbortController()
  let written = 1
  const writer = (async () => {
    for (; !over.signal.aborted; written += 2) {
      await send(
        `order.o-${written}.create`,
        { customerId: 'c-1', currency: 'EUR', items },
        `create-${written}`,
      )
      await send(`order.o-${written}.confirm`, {}, `confirm-${written}`)
      await delay(5)
    }
  })()
  const more = async (what: string) => {
    const seen = client.events.length
    await until(`events after ${what}`, async () => client.events.length > seen + 10)
  }
  const faults: string[] = []
  /** Takes a part away and brings it back, and waits until events come again. */
  const without = async (what: string, away: () => Promise<unknown>, back: () => Promise<unknown>) => {
    await away()
    await back()
    faults.push(what)
    await more(what)
  }

  await more('the start')
  await without(
    'the gateway was killed',
    () => gateway.kill(),
    () => gateway.start(),
  )
  await without(
    'nats-server was stopped',
    () => stack.stopNats(),
    () => stack.startNats(),
  )
  await without(
    'the subgraph was killed',
    () => shop.kill(),
    () => shop.start(),
  )
  await without(
    'PostgreSQL was stopped',
    () => stack.stopPostgres(),
    () => stack.startPostgres(),
  )
  await without(
    'the other subgraph ended in order',
    async () => expect(await customers.end()).toBe(0),
    () => customers.start(),
  )
  await without(
    'the gateway ended in order',
    () => gateway.end(),
    () => gateway.start(),
  )
  expect(faults).toHaveLength(6)
  over.abort()
  await writer

  for (const { events, ...one } of clients) {
    await until('everything has come', async () => new Set(events.map(({ id }) => id)).size >= written)
    await one.stop()
    expect(events).toHaveLength(written)
    expect(new Set(events.map(({ id }) => id)).size).toBe(written)
    const versions = Map.groupBy(events, ({ order }) => order)
    for (const [order, of] of versions)
      expect([order, of.map(({ version }) => version)]).toEqual([order, of.map((_, at) => at + 1)])
    expect(one.subscriptions()).toBeGreaterThan(2)
  }
  console.log(
    `${faults.length} faults (${faults.join(', ')}), ${written} events, ${client.subscriptions()} subscriptions`,
  )
})
