import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customerSummaryGraph } from '../../src/domains/orders/customer-summary-graph.ts'
import { customerSummaryProjection } from '../../src/domains/orders/customer-summary-projection.ts'
import { dailySalesGraph } from '../../src/domains/orders/daily-sales-graph.ts'
import { dailySalesProjection } from '../../src/domains/orders/daily-sales-projection.ts'
import { tableOf } from '../../src/projections/definition/identifiers.ts'
import { anyTables, createTables } from '../../src/projections/tables/prepare-table.ts'
import { recordedEvents } from '../../src/streams/events/recorded-event.ts'
import { eventSubjects } from '../../src/streams/events/subjects.ts'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aCustomer, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const definitions = [customerSummaryProjection, dailySalesProjection]

/** A shop with the two tables over both streams, filled from its logs by `project`. */
async function openSalesShop() {
  const shop = await openShop(servers, { graphs: [customerSummaryGraph, dailySalesGraph] })
  const { db, schema } = shop.database
  await db.transaction().execute(async (tx) => {
    for (const definition of definitions) await createTables(tx, definition, schema, tableOf(definition.name))
  })
  async function project(): Promise<void> {
    await db.transaction().execute(async (tx) => {
      for (const { log, source } of shop.homes.values()) {
        for await (const commit of log.read.since(eventSubjects(schema, source.name), 0)) {
          for (const event of recordedEvents(source.types, commit)) {
            for (const definition of definitions)
              await definition.apply(event, anyTables(tx), tableOf(definition.name))
          }
        }
      }
    })
  }
  return { ...shop, project }
}

const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T10:00:00.000Z`
const item = (unitPrice: string) => ({
  items: [{ sku: 's', quantity: 1, unitPrice }],
  shippingCost: '0.00',
})
const place = (shop: Shop, id: string, customerId: string, price: string, on: number, currency = 'EUR') =>
  shop.command('order', id, 'create', anOrder({ customerId, currency, ...item(price) }), day(on))

const SUMMARY = 'summary { ordersPlaced ordersCancelled lifetimeValue { currency amount } lastOrderAt }'

describe('customer { summary }', () => {
  it('answers what the customer has ordered', async () => {
    const shop = await openSalesShop()
    await shop.command('customer', 'c-1', 'register', aCustomer())
    await place(shop, 'o-1', 'c-1', '10.00', 2)
    await place(shop, 'o-2', 'c-1', '0.50', 1)
    await place(shop, 'o-3', 'c-1', '7.00', 3, 'BRL')
    await shop.command('order', 'o-1', 'cancel', { reason: 'late' })
    await shop.project()
    const { data, errors } = await shop.ask(`{ customer(id: "c-1") { ${SUMMARY} } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      customer: {
        summary: {
          ordersPlaced: 3,
          ordersCancelled: 1,
          lifetimeValue: [
            { currency: 'BRL', amount: '7.00' },
            { currency: 'EUR', amount: '0.50' },
          ],
          lastOrderAt: day(3),
        },
      },
    })
  })

  it('is one of nothing for who has not ordered', async () => {
    const shop = await openSalesShop()
    await shop.command('customer', 'c-1', 'register', aCustomer())
    expect((await shop.ask(`{ customer(id: "c-1") { ${SUMMARY} } }`)).at('customer.summary')).toEqual({
      ordersPlaced: 0,
      ordersCancelled: 0,
      lifetimeValue: [],
      lastOrderAt: null,
    })
  })

  it('takes one statement for all customers of an answer', async () => {
    const shop = await openSalesShop()
    for (const number of [1, 2, 3, 4]) {
      await shop.command('customer', `c-${number}`, 'register', aCustomer())
      await place(shop, `o-${number}`, `c-${number}`, `${number}.00`, number)
    }
    await shop.project()
    const statements = await shop.statementsOf(async () => {
      const answer = await shop.askOnce(`{ orders { nodes { customer { id ${SUMMARY} } } } }`)
      expect(answer.errors).toBeUndefined()
      expect(answer.at('orders.nodes.0.customer')).toMatchObject({
        id: 'c-4',
        summary: { lifetimeValue: [{ currency: 'EUR', amount: '4.00' }] },
      })
    })
    // The orders, their customers, the summaries of those.
    const tables = statements.flatMap((text) => /\btb_\w+_projection\b/.exec(text)?.[0] ?? [])
    expect(tables).toEqual([
      'tb_order_projection',
      'tb_customer_projection',
      'tb_customer_summary_projection',
    ])
  })
})

describe('dailySales', () => {
  const SALES = `query ($from: Date!, $to: Date!, $state: String) {
    dailySales(from: $from, to: $to, state: $state) { day state currency orders revenue cancelled }
  }`
  const sales = (shop: Shop, from: string, to: string, state?: string | null) =>
    shop.ask(SALES, { variables: { from, to, state } })

  async function busyShop() {
    const shop = await openSalesShop()
    await shop.command('customer', 'c-1', 'register', aCustomer({ state: 'SP' }))
    await shop.command('customer', 'c-2', 'register', aCustomer({ state: 'RJ' }))
    await place(shop, 'o-1', 'c-1', '10.00', 2)
    await place(shop, 'o-2', 'c-1', '0.50', 2, 'BRL')
    await place(shop, 'o-3', 'c-2', '7.00', 2)
    await place(shop, 'o-4', 'c-2', '8.00', 1)
    await place(shop, 'o-5', 'ghost', '9.00', 3)
    await shop.command('order', 'o-4', 'cancel', { reason: 'late' })
    await shop.project()
    return shop
  }
  const cell = (day: number, state: string, currency: string, revenue: string, cancelled = 0) => ({
    day: `2026-01-0${day}`,
    state,
    currency,
    orders: 1,
    revenue,
    cancelled,
  })

  it('are what was sold from one day to another, by day, state and currency', async () => {
    const shop = await busyShop()
    const { data, errors } = await sales(shop, '2026-01-01', '2026-01-03')
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      dailySales: [
        cell(1, 'RJ', 'EUR', '0.00', 1),
        cell(2, 'RJ', 'EUR', '7.00'),
        cell(2, 'SP', 'BRL', '0.50'),
        cell(2, 'SP', 'EUR', '10.00'),
        cell(3, '', 'EUR', '9.00'),
      ],
    })
  })

  it('are of one state when it is given, and of who is not registered for an empty one', async () => {
    const shop = await busyShop()
    expect((await sales(shop, '2026-01-02', '2026-01-02', 'RJ')).data).toEqual({
      dailySales: [cell(2, 'RJ', 'EUR', '7.00')],
    })
    expect((await sales(shop, '2025-12-01', '2026-02-01', '')).data).toEqual({
      dailySales: [cell(3, '', 'EUR', '9.00')],
    })
    expect((await sales(shop, '2026-01-02', '2026-01-02', 'XX')).data).toEqual({ dailySales: [] })
    expect((await sales(shop, '2026-01-03', '2026-01-03', null)).at('dailySales')).toHaveLength(1)
  })

  it('are refused for days and states that cannot be, and for too many days', async () => {
    const shop = await openSalesShop()
    const refused: [string, string, string, string, string?][] = [
      ['2026-01-02', '2026-01-01', 'to', 'before'],
      ['2025-01-01', '2026-01-02', 'to', '366 days'],
      ['2026-01-01', '2026-01-01', 'state', 'U+0000', '\0'],
    ]
    for (const [from, to, path, message, state] of refused) {
      const { errors } = await sales(shop, from, to, state)
      expect(errors).toMatchObject([
        { path: ['dailySales'], extensions: { code: 'BAD_USER_INPUT', status: 400, errors: [{ path }] } },
      ])
      expect(errors?.[0]?.message).toContain(message)
    }
    expect((await sales(shop, '2028-01-01', '2028-12-31')).errors).toBeUndefined()
    for (const from of ['2026-02-30', '2026-1-1', '2026-01-01T00:00:00Z', '0000-01-01', '', 'today']) {
      expect((await sales(shop, from, '2026-03-01')).code).toBe('BAD_USER_INPUT')
      const literal = `{ dailySales(from: "${from}", to: "2026-03-01") { day } }`
      expect((await shop.ask(literal)).code).toBe('BAD_USER_INPUT')
    }
  })

  it('are refused when there is more than an answer should hold', async () => {
    const shop = await openSalesShop()
    await shop.pool.query(
      `insert into tb_daily_sales_projection
       select '2026-01-01', 's' || n, 'EUR', 1, 1.00, 0 from generate_series(1, 10001) n`,
    )
    const { errors } = await shop.askOnce(SALES, { variables: { from: '2026-01-01', to: '2026-01-01' } })
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(errors?.[0]?.message).toContain('10000')
    expect((await sales(shop, '2026-01-01', '2026-01-01', 's7')).at('dailySales')).toHaveLength(1)
  })
})
