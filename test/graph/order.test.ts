import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aCustomer, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const TIMES = ['2026-01-01T10:00:00.000Z', '2026-01-02T10:00:00.000Z', '2026-01-03T10:00:00.000Z'] as const

/** o-1: created, confirmed, shipped, a day each. */
async function shippedOrder(shop: Shop) {
  await shop.command('order', 'o-1', 'create', anOrder(), TIMES[0])
  await shop.command('order', 'o-1', 'confirm', {}, TIMES[1])
  await shop.command('order', 'o-1', 'ship', { carrier: 'DHL', trackingNumber: '1' }, TIMES[2])
}

describe('order(id)', () => {
  it('answers the current state and how it came about', async () => {
    const shop = await openShop(servers)
    await shop.command('customer', 'c-1', 'register', aCustomer({ name: 'Ana' }))
    await shippedOrder(shop)
    const { data, errors } = await shop.ask(`{ order(id: "o-1") {
      id status customerId customer { id name email city } currency total shippingCost
      items { sku quantity unitPrice } createdAt updatedAt version
      statusHistory { status at version }
      allEvents { nodes { type version time data } pageInfo { hasNextPage } }
    } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      order: {
        id: 'o-1',
        status: 'SHIPPED',
        customerId: 'c-1',
        customer: { id: 'c-1', name: 'Ana', email: null, city: 'Porto' },
        currency: 'EUR',
        total: '12.50',
        shippingCost: '2.50',
        items: [{ sku: 'sku-1', quantity: 2, unitPrice: '5.00' }],
        createdAt: TIMES[0],
        updatedAt: TIMES[2],
        version: 3,
        statusHistory: [
          { status: 'CREATED', at: TIMES[0], version: 1 },
          { status: 'CONFIRMED', at: TIMES[1], version: 2 },
          { status: 'SHIPPED', at: TIMES[2], version: 3 },
        ],
        allEvents: {
          nodes: [
            expect.objectContaining({ type: 'order.created', version: 1, time: TIMES[0] }),
            { type: 'order.confirmed', version: 2, time: TIMES[1], data: {} },
            {
              type: 'order.shipped',
              version: 3,
              time: TIMES[2],
              data: { carrier: 'DHL', trackingNumber: '1' },
            },
          ],
          pageInfo: { hasNextPage: false },
        },
      },
    })
  })

  it('is null for an order that is not there, as is the customer who is not registered', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { data } = await shop.ask(
      `{ none: order(id: "o-2") { id } order(id: "o-1") { customerId customer { id } } }`,
    )
    expect(data).toEqual({ none: null, order: { customerId: 'c-1', customer: null } })
  })

  it.each(['o.1', '*', '', 'x'.repeat(129)])('refuses %j as an id', async (id) => {
    const shop = await openShop(servers)
    const { data, errors } = await shop.ask('query ($id: ID!) { order(id: $id) { id } }', {
      variables: { id },
    })
    expect(data).toEqual({ order: null })
    expect(errors).toMatchObject([
      { path: ['order'], extensions: { code: 'BAD_USER_INPUT', status: 400, errors: [{ path: 'id' }] } },
    ])
  })

  it('shows history as far as the state has come, so that the two agree while a projection is behind', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    await shop.append('order', 'o-1', [{ type: 'order.confirmed', data: {} }])
    const source =
      '{ order(id: "o-1") { status version statusHistory { status } allEvents { nodes { version } } } }'
    const behind = { status: 'CREATED', version: 1, statusHistory: [{ status: 'CREATED' }] }
    expect((await shop.ask(source)).at('order')).toEqual({
      ...behind,
      allEvents: { nodes: [{ version: 1 }] },
    })
    await shop.project('order', 'o-1')
    expect((await shop.ask(source)).at('order.statusHistory')).toHaveLength(2)
  })

  it('reads the history while the state is read, compiled or not', async () => {
    const shop = await openShop(servers)
    await shippedOrder(shop)
    const forwards = vi.spyOn(shop.homes.get('order')?.log.read ?? fail(), 'forwards')
    const sources = [
      '{ order(id: "o-1") { id statusHistory { status } } }',
      '{ order(id: "o-1") { ...parts } } fragment parts on Order { ... on Order { allEvents(first: 2) { nodes { id } } } }',
      'query ($yes: Boolean = true) { order(id: "o-1") { allEvents(first: 2) @include(if: $yes) { nodes { id } } } }',
    ]
    for (const source of [...sources, ...sources, ...sources]) {
      const client = await shop.pool.connect()
      await client.query('begin')
      await client.query('lock table tb_order_projection in access exclusive mode')
      forwards.mockClear()
      const answer = shop.askOnce(source)
      // The row cannot be read now, so only a read that did not wait for it can begin.
      await vi.waitFor(() => expect(forwards).toHaveBeenCalledTimes(1), { timeout: 50_000, interval: 5 })
      await client.query('commit')
      client.release()
      expect((await answer).errors).toBeUndefined()
      expect(forwards).toHaveBeenCalledTimes(1)
    }
  })

  it('reads no history that nobody asks for', async () => {
    const shop = await openShop(servers)
    await shippedOrder(shop)
    const forwards = vi.spyOn(shop.homes.get('order')?.log.read ?? fail(), 'forwards')
    await shop.ask(
      'query ($no: Boolean = false) { order(id: "o-1") { id allEvents @include(if: $no) { nodes { id } } } }',
    )
    expect(forwards).not.toHaveBeenCalled()
  })
})

describe('order(id, asOf | asOfVersion)', () => {
  it('is the whole object as it was then', async () => {
    const shop = await openShop(servers)
    await shippedOrder(shop)
    const parts =
      '{ status updatedAt version total items { sku } statusHistory { status } allEvents { nodes { version } } }'
    const then = {
      status: 'CONFIRMED',
      updatedAt: TIMES[1],
      version: 2,
      total: '12.50',
      items: [{ sku: 'sku-1' }],
      statusHistory: [{ status: 'CREATED' }, { status: 'CONFIRMED' }],
      allEvents: { nodes: [{ version: 1 }, { version: 2 }] },
    }
    const { data } = await shop.ask(`{
      time: order(id: "o-1", asOf: "2026-01-02T12:00:00+01:00") ${parts}
      version: order(id: "o-1", asOfVersion: 2) ${parts}
      before: order(id: "o-1", asOf: "2025-12-31T00:00:00Z") { id }
      notYet: order(id: "o-1", asOfVersion: 4) { id }
      nothing: order(id: "o-2", asOfVersion: 1) { id }
    }`)
    expect(data).toEqual({ time: then, version: then, before: null, notYet: null, nothing: null })
    const statements = await shop.statementsOf(() =>
      shop.askOnce('{ order(id: "o-1", asOfVersion: 1) { status } }'),
    )
    expect(statements.filter((statement) => statement.includes('tb_order_projection'))).toEqual([])
  })

  it.each(['asOfVersion: 0', 'asOf: "2026-01-02T12:00:00Z", asOfVersion: 1'])('refuses %s', async (args) => {
    const shop = await openShop(servers)
    expect((await shop.ask(`{ order(id: "o-1", ${args}) { id } }`)).code).toBe('BAD_USER_INPUT')
  })
})

describe('allEvents', () => {
  it('comes in pages that go on after a cursor, also in the middle of a commit', async () => {
    const shop = await openShop(servers)
    await shippedOrder(shop)
    await shop.append('order', 'o-1', [
      { type: 'order.delivered', data: {} },
      { type: 'order.cancelled', data: { reason: 'a' } },
      { type: 'order.cancelled', data: { reason: 'b' } },
    ])
    await shop.project('order', 'o-1')
    const source = `query ($after: String) { order(id: "o-1") {
      allEvents(first: 4, after: $after) { nodes { version } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } }
    } }`
    const first = await shop.ask(source)
    expect(first.at('order.allEvents.nodes')).toEqual([1, 2, 3, 4].map((version) => ({ version })))
    const after = first.at('order.allEvents.pageInfo.endCursor')
    const second = await shop.ask(source, { variables: { after } })
    expect(second.at('order.allEvents')).toMatchObject({
      nodes: [{ version: 5 }, { version: 6 }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    })
  })

  it('reads of a long history no more than the page', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const cancelled = (index: number) => ({ type: 'order.cancelled', data: { reason: `${index}` } })
    for (let commit = 0; commit < 60; commit++)
      await shop.append('order', 'o-1', [cancelled(commit), cancelled(commit)])
    await shop.project('order', 'o-1')
    const page = (after: unknown) =>
      shop.ask(
        `query ($after: String) { order(id: "o-1") { allEvents(after: $after) { nodes { version } pageInfo { hasNextPage endCursor } } } }`,
        { variables: { after } },
      )
    const first = await page(null)
    expect(first.at('order.allEvents.nodes')).toHaveLength(100)
    expect(first.at('order.allEvents.pageInfo.hasNextPage')).toBe(true)
    const read = shop.homes.get('order')?.log.read ?? fail()
    const [forwards, since] = [vi.spyOn(read, 'forwards'), vi.spyOn(read, 'since')]
    const second = await page(first.at('order.allEvents.pageInfo.endCursor'))
    expect(second.at('order.allEvents.nodes')).toHaveLength(21)
    expect(second.at('order.allEvents.nodes.0.version')).toBe(101)
    expect(forwards).not.toHaveBeenCalled()
    expect(since.mock.calls[0]?.[1]).toBeGreaterThan(45)
  })

  it.each([
    ['first: 0', 'first'],
    ['first: 101', 'first'],
    ['after: "nonsense"', 'after'],
    [`after: "${Buffer.from('["events","1","-1"]').toString('base64url')}"`, 'after'],
  ])('refuses %s', async (args, path) => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { data, errors } = await shop.ask(`{ order(id: "o-1") { allEvents(${args}) { nodes { id } } } }`)
    expect(data).toEqual({ order: null })
    expect(errors).toMatchObject([
      {
        path: ['order', 'allEvents'],
        extensions: { code: 'BAD_USER_INPUT', status: 400, errors: [{ path }] },
      },
    ])
  })
})

describe('customer(id)', () => {
  it('answers the state, the history and the orders', async () => {
    const shop = await openShop(servers)
    await shop.command('customer', 'c-1', 'register', aCustomer({ email: 'ana@example.org' }))
    await shop.command('customer', 'c-1', 'change-address', aCustomer({ city: 'Lisboa' }))
    await shop.command('order', 'o-1', 'create', anOrder(), TIMES[0])
    await shop.command('order', 'o-2', 'create', anOrder(), TIMES[1])
    await shop.command('order', 'o-3', 'create', anOrder({ customerId: 'c-2' }))
    const { data } = await shop.ask(`{ customer(id: "c-1") {
      email city state postalCode version
      orders(first: 1) { totalCount nodes { id customer { id } } pageInfo { hasNextPage } }
      allEvents { nodes { type } }
    } }`)
    expect(data).toEqual({
      customer: {
        email: 'ana@example.org',
        city: 'Lisboa',
        state: 'PT',
        postalCode: '4000',
        version: 2,
        orders: {
          totalCount: 2,
          nodes: [{ id: 'o-2', customer: { id: 'c-1' } }],
          pageInfo: { hasNextPage: true },
        },
        allEvents: { nodes: [{ type: 'customer.registered' }, { type: 'customer.address_changed' }] },
      },
    })
  })
})

function fail(): never {
  throw new Error('no log')
}
