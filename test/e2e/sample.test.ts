import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { messagesOf } from '../cluster/stored.ts'
import { type PastEvent, SALES, SUMMARY, expectedSales } from '../domains/expected-sales.ts'
import { root, runCli } from '../support/child.ts'
import { query } from '../support/graphql.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

// The main job on the sample: commands through the CLI, then the table and the graph against a fold of the raw log that
// shares no code with Headwater.

let service: Awaited<ReturnType<typeof startTestService>>

interface FoldedOrder {
  id: string
  status: string
  customer_id: string
  total: string
  version: number
  history: string[]
}

const RawEvent = z.object({ type: z.string(), sequence: z.number(), data: z.unknown() })
const TimedEvent = RawEvent.extend({ time: z.string() })
const CreatedData = z.object({
  customerId: z.string(),
  items: z.array(z.object({ quantity: z.number(), unitPrice: z.string() })),
  shippingCost: z.string(),
})
const OrderPage = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      statusHistory: z.array(z.object({ status: z.string() })),
    }),
  ),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string() }),
})

/** Every order, folded from the messages of the stream by the rules of the domain, written anew. */
async function foldLog(): Promise<Map<string, FoldedOrder>> {
  const nc = await connect({ servers: service.endpoints.nats })
  const orders = new Map<string, FoldedOrder>()
  for (const { subject, body } of await messagesOf(nc, 'ORDERS')) {
    const id = subject.split('.')[3] ?? ''
    for (const event of z.array(RawEvent).parse(body)) {
      const order = orders.get(id) ?? { id, status: '', customer_id: '', total: '', version: 0, history: [] }
      expect(event.sequence).toBe(order.version + 1)
      order.version = event.sequence
      order.status = event.type.replace('order.', '').toUpperCase()
      order.history.push(order.status)
      if (event.type === 'order.created') {
        const { customerId, items, shippingCost } = CreatedData.parse(event.data)
        const cents = items.reduce(
          (sum, item) => sum + item.quantity * Math.round(Number(item.unitPrice) * 100),
          0,
        )
        order.customer_id = customerId
        order.total = ((cents + Math.round(Number(shippingCost) * 100)) / 100).toFixed(2)
      }
      orders.set(id, order)
    }
  }
  await nc.close()
  return orders
}

/** Every event of a stream, as the raw messages have them. */
async function rawEvents(stream: string): Promise<PastEvent[]> {
  const nc = await connect({ servers: service.endpoints.nats })
  const events: PastEvent[] = []
  for (const { subject, body } of await messagesOf(nc, stream)) {
    const [, , aggregate = '', id = ''] = subject.split('.')
    for (const { type, time, data } of z.array(TimedEvent).parse(body))
      events.push({ aggregate, id, type, time, data })
  }
  await nc.close()
  return events
}

async function caughtUp(expected: number): Promise<void> {
  await until('the projection to catch up', async () => {
    const { stdout } = await runCli(['projections', 'status', '--json'], {
      cwd: service.folder,
      env: service.env,
    })
    if (stdout === '') return undefined
    const rows: { pending: number; positions: Record<string, { applied: number }> }[] = JSON.parse(stdout)
    return (
      rows.every(({ pending }) => pending === 0) &&
      rows.some(({ positions }) => positions['ORDERS']?.applied === expected)
    )
  })
}

beforeAll(async () => {
  service = await startTestService()
  const { code } = await runCli(['send', join(root, 'samples/orders.ndjson')], {
    cwd: service.folder,
    env: service.env,
  })
  expect(code).toBe(0)
})
afterAll(async () => {
  await service.stop()
})

describe('the sample history', () => {
  it('makes a table that equals an independent fold of the log, row for row', async () => {
    const folded = await foldLog()
    expect(folded.size).toBeGreaterThan(100)
    await caughtUp([...folded.values()].reduce((sum, { version }) => sum + version, 0))
    const client = new Client({ connectionString: service.endpoints.postgres })
    await client.connect()
    const { rows } = await client.query(
      'select id, status, customer_id, total::text, version::int from tb_order_projection order by id',
    )
    await client.end()
    const expected = [...folded.values()]
      .map(({ id, status, customer_id, total, version }) => ({ id, status, customer_id, total, version }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(rows).toEqual(expected)
  })

  it('shows state and history that agree, for every order', async () => {
    const folded = await foldLog()
    const seen = new Map<string, string[]>()
    for (let after: string | null = null, more = true; more;) {
      const { data, errors } = await query(
        service.endpoints.graph,
        `query Page($after: String) { orders(first: 100, after: $after) {
           nodes { id status statusHistory { status } } pageInfo { hasNextPage endCursor } } }`,
        { after },
      )
      expect(errors).toBeUndefined()
      const page = OrderPage.parse(data?.['orders'])
      for (const { id, status, statusHistory } of page.nodes) {
        const statuses = statusHistory.map((change) => change.status)
        expect(statuses.at(-1)).toBe(status)
        seen.set(id, statuses)
      }
      more = page.pageInfo.hasNextPage
      after = page.pageInfo.endCursor
    }
    expect(seen).toEqual(new Map([...folded].map(([id, { history }]) => [id, history])))
  })

  it('makes customer summaries and daily sales that equal a computation from both raw logs', async () => {
    const move = '{"city":"Faro","state":"FA","postalCode":"8000"}'
    const moving = ['command', 'customer', 'customer-008', 'change-address', move]
    expect((await runCli(moving, { cwd: service.folder, env: service.env })).code).toBe(0)
    const orderEvents = await rawEvents('ORDERS')
    const { summary, sales } = expectedSales([...orderEvents, ...(await rawEvents('CUSTOMERS'))])
    expect(summary.find(({ id }) => id === 'customer-008')?.orders_placed).toBeGreaterThan(0)
    await caughtUp(orderEvents.length)
    const client = new Client({ connectionString: service.endpoints.postgres })
    await client.connect()
    const rows = { summary: await client.query(SUMMARY()), sales: await client.query(SALES()) }
    await client.end()
    expect(rows.summary.rows).toEqual(summary)
    expect(rows.sales.rows).toEqual(sales)
    const { data, errors } = await query(
      service.endpoints.graph,
      `{ customer(id: "customer-008") { state summary { ordersPlaced } }
         dailySales(from: "2026-01-01", to: "2026-12-31") { day state currency orders revenue cancelled } }`,
    )
    expect(errors).toBeUndefined()
    expect(data?.['dailySales']).toEqual(sales)
    expect(data?.['customer']).toMatchObject({ state: 'FA' })
  })

  it('takes every command of it only once: what was accepted first is what a second run finds', async () => {
    const before = await foldLog()
    const input = readFileSync(join(root, 'samples/orders.ndjson'), 'utf8')
    const { stdout } = await runCli(['send', '-'], { cwd: service.folder, env: service.env, input })
    expect(stdout).toMatch(/ 0 {2}accepted/)
    expect(await foldLog()).toEqual(before)
  })
})
