import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aCustomer, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const day = (number: number) => new Date(Date.UTC(2026, 0, number)).toISOString()

/** An order that costs so much and was made on that day of January. */
const place = (shop: Shop, id: string, { total = '10.00', on = 1, customerId = 'c-1' } = {}) =>
  shop.command(
    'order',
    id,
    'create',
    anOrder({ customerId, items: [{ sku: 's', quantity: 1, unitPrice: total }], shippingCost: '0.00' }),
    day(on),
  )

const PAGE = `query ($filter: OrderFilter, $orderBy: OrderOrder, $first: Int, $after: String) {
  orders(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`

const idsOf = (nodes: unknown) => (Array.isArray(nodes) ? nodes.map((node: { id: string }) => node.id) : [])

/** The ids on all pages; between two pages something may happen. */
async function walk(
  shop: Shop,
  variables: object,
  between: (page: number) => Promise<unknown> = async () => undefined,
) {
  const pages: string[][] = []
  let after: unknown = null
  do {
    const answer = await shop.ask(PAGE, { variables: { ...variables, after } })
    expect(answer.errors).toBeUndefined()
    pages.push(idsOf(answer.at('orders.nodes')))
    after =
      answer.at('orders.pageInfo.hasNextPage') === true ? answer.at('orders.pageInfo.endCursor') : undefined
    await between(pages.length)
  } while (after !== undefined)
  return pages
}

describe('orders', () => {
  it('come newest first, 20 a page, with their cursors', async () => {
    const shop = await openShop(servers)
    for (let number = 1; number <= 22; number++) await place(shop, `o-${number}`, { on: number })
    const pages = await walk(shop, {})
    expect(pages.map(({ length }) => length)).toEqual([20, 2])
    expect(pages.flat()).toEqual(Array.from({ length: 22 }, (_, index) => `o-${22 - index}`))
    const { data } = await shop.ask(
      '{ orders(first: 1) { edges { cursor node { id } } pageInfo { startCursor endCursor } totalCount } }',
    )
    const cursor = expect.stringMatching(/^[\w-]+$/)
    expect(data).toEqual({
      orders: {
        edges: [{ cursor, node: { id: 'o-22' } }],
        pageInfo: { startCursor: cursor, endCursor: cursor },
        totalCount: 22,
      },
    })
  })

  it.each([
    [{ field: 'TOTAL', direction: 'ASC' }, [['b', 'd'], ['a', 'e'], ['c']]],
    [{ field: 'TOTAL', direction: 'DESC' }, [['c', 'e'], ['a', 'd'], ['b']]],
    [{ field: 'CREATED_AT', direction: 'ASC' }, [['a', 'b'], ['c', 'd'], ['e']]],
    [{ field: 'UPDATED_AT' }, [['e', 'd'], ['c', 'b'], ['a']]],
  ])('are ordered by %j, those that are equal by their ids', async (orderBy, expected) => {
    const shop = await openShop(servers)
    const totals = { a: '9.00', b: '7.00', c: '10.00', d: '7.00', e: '9.00' }
    for (const [id, total] of Object.entries(totals)) await place(shop, id, { total, on: 5 })
    expect(await walk(shop, { orderBy, first: 2 })).toEqual(expected)
  })

  it('keep their order to the last digit: of amounts beyond a float, of microseconds', async () => {
    const shop = await openShop(servers)
    for (const id of ['a', 'b', 'c', 'd']) await place(shop, id)
    for (const [id, digit] of Object.entries({ a: 3, b: 1, c: 4, d: 2 })) {
      await shop.pool.query(
        `update tb_order_projection set total = 9007199254740993000.000000000000${digit},
         created_at = '2026-01-01 10:00:00.12345${digit}+00' where id = $1`,
        [id],
      )
    }
    for (const field of ['TOTAL', 'CREATED_AT']) {
      const pages = await walk(shop, { orderBy: { field, direction: 'ASC' }, first: 1 })
      expect(pages).toEqual([['b'], ['d'], ['a'], ['c']])
    }
  })

  it('neither skip nor repeat one when others are made between two pages', async () => {
    const shop = await openShop(servers)
    for (let number = 1; number <= 9; number++) await place(shop, `o-${number}`, { on: number })
    const pages = await walk(shop, { first: 3 }, async (page) => {
      await place(shop, `new-${page}`, { on: 20 + page })
      await place(shop, `old-${page}`, { on: 10 - 3 * page })
    })
    const seen = pages.flat()
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => id.startsWith('o-'))).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1].map((number) => `o-${number}`),
    )
    expect(seen.some((id) => id.startsWith('new-'))).toBe(false)
  })

  it.each<[object, string[]]>([
    [{ status: 'CONFIRMED' }, ['b']],
    [{ statusIn: ['CREATED', 'CONFIRMED'] }, ['d', 'c', 'b', 'a']],
    [{ statusIn: [] }, []],
    [{ customerId: 'c-2' }, ['d']],
    [{ currency: 'USD' }, []],
    [{ createdFrom: day(2), createdTo: day(3) }, ['c', 'b']],
    [{ createdFrom: '2026-01-03T02:00:00+02:00' }, ['d', 'c']],
    [{ totalMin: '20', totalMax: '30.00' }, ['c', 'b']],
    [{ totalMin: '20', customerId: 'c-1', status: null }, ['c', 'b']],
  ])('are filtered by %j', async (filter, expected) => {
    const shop = await openShop(servers)
    await place(shop, 'a', { total: '10.00', on: 1 })
    await place(shop, 'b', { total: '20.00', on: 2 })
    await place(shop, 'c', { total: '30.00', on: 3 })
    await place(shop, 'd', { total: '40.00', on: 4, customerId: 'c-2' })
    await shop.command('order', 'b', 'confirm', {}, day(2))
    expect((await walk(shop, { filter })).flat()).toEqual(expected)
    const { data } = await shop.ask(
      'query ($filter: OrderFilter) { orders(filter: $filter) { totalCount } }',
      {
        variables: { filter },
      },
    )
    expect(data).toEqual({ orders: { totalCount: expected.length } })
  })

  it('are refused for a page or a cursor that cannot be', async () => {
    const shop = await openShop(servers)
    await place(shop, 'a')
    await place(shop, 'b')
    const page = await shop.ask(PAGE, { variables: { first: 1 } })
    const cursor = page.at('orders.pageInfo.endCursor')
    const forged = (...parts: string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
    const refused: [object, string][] = [
      [{ first: 0 }, 'first'],
      [{ first: 101 }, 'first'],
      [{ first: -1 }, 'first'],
      [{ after: 'garbage' }, 'after'],
      [{ after: '' }, 'after'],
      [{ after: forged('Order CREATED_AT DESC', 'x') }, 'after'],
      [{ after: forged('Order CREATED_AT DESC', 'yesterday-ish', 'a') }, 'after'],
      [{ after: cursor, orderBy: { field: 'TOTAL' } }, 'after'],
      [{ after: cursor, orderBy: { direction: 'ASC' } }, 'after'],
      [
        { filter: { totalMin: '1'.repeat(900) + '.' + '1'.repeat(999), createdTo: '0000-01-01T00:00:00Z' } },
        'filter',
      ],
    ]
    for (const [variables, path] of refused) {
      const { errors } = await shop.ask(PAGE, { variables: { ...variables } })
      expect(errors, JSON.stringify(variables)).toMatchObject([
        { path: ['orders'], extensions: { code: 'BAD_USER_INPUT', status: 400, errors: [{ path }] } },
      ])
    }
    expect((await shop.ask('{ orders(first: 101) { totalCount } }')).errors?.[0]?.message).toContain(
      'from 1 to 100',
    )
  })
})

describe('lists', () => {
  it('take one statement a field, however many objects there are', async () => {
    const shop = await openShop(servers)
    for (const customer of ['c-1', 'c-2', 'c-3']) {
      await shop.command('customer', customer, 'register', aCustomer())
      for (const number of [1, 2, 3])
        await place(shop, `${customer}-${number}`, { customerId: customer, on: number })
    }
    const source = `{ orders(first: 9) { nodes {
      id statusHistory { status }
      customer { id orders(first: 2) { totalCount nodes { id customer { id } } pageInfo { hasNextPage } } }
    } } }`
    const statements = await shop.statementsOf(async () => {
      const answer = await shop.askOnce(source)
      expect(answer.errors).toBeUndefined()
      expect(answer.at('orders.nodes')).toHaveLength(9)
      expect(answer.at('orders.nodes.0.customer')).toEqual({
        id: 'c-3',
        orders: {
          totalCount: 3,
          nodes: [
            { id: 'c-3-3', customer: { id: 'c-3' } },
            { id: 'c-3-2', customer: { id: 'c-3' } },
          ],
          pageInfo: { hasNextPage: true },
        },
      })
    })
    // The page, the histories, the customers, and their orders with how many those are.
    expect(statements.filter((statement) => statement.includes('tb_commit_copy'))).toHaveLength(1)
    expect(statements).toHaveLength(4)
  })

  it('count only when the count is asked for, and read no rows for it', async () => {
    const shop = await openShop(servers)
    await place(shop, 'a')
    const [rows, count] = [
      await shop.statementsOf(() => shop.askOnce('{ orders { nodes { id } } }')),
      await shop.statementsOf(() => shop.askOnce('{ orders { totalCount } }')),
    ]
    expect(rows).toEqual([expect.not.stringContaining('count(')])
    expect(count).toEqual([expect.stringContaining('count(')])
  })

  it('go on after a cursor for each parent', async () => {
    const shop = await openShop(servers)
    for (const id of ['c-1', 'c-2']) await shop.command('customer', id, 'register', aCustomer())
    for (const number of [1, 2, 3]) await place(shop, `o-${number}`, { on: number })
    const source = (after: string) =>
      `{ customer(id: "c-1") { orders(first: 2, after: ${after}) { nodes { id } pageInfo { endCursor hasNextPage } } } }`
    const first = await shop.ask(source('null'))
    expect(idsOf(first.at('customer.orders.nodes'))).toEqual(['o-3', 'o-2'])
    const second = await shop.ask(source(JSON.stringify(first.at('customer.orders.pageInfo.endCursor'))))
    expect(second.at('customer.orders')).toMatchObject({
      nodes: [{ id: 'o-1' }],
      pageInfo: { hasNextPage: false },
    })
    expect(
      (await shop.ask('{ customer(id: "c-2") { orders { totalCount nodes { id } } } }')).at(
        'customer.orders',
      ),
    ).toEqual({
      totalCount: 0,
      nodes: [],
    })
  })

  it('are each for themselves: a cursor that the database refuses takes no other list of the parent with it', async () => {
    const shop = await openShop(servers)
    await shop.command('customer', 'c-1', 'register', aCustomer())
    await place(shop, 'o-1')
    const orders = 'nodes { id } pageInfo { endCursor }'
    const first = await shop.ask(`{ customer(id: "c-1") { orders { ${orders} } } }`)
    const [kind, , id]: unknown[] = JSON.parse(
      Buffer.from(String(first.at('customer.orders.pageInfo.endCursor')), 'base64url').toString(),
    )
    const cursor = Buffer.from(JSON.stringify([kind, 'no time', id])).toString('base64url')
    // Where a field that must not be null fails, its parent does: so there is a parent for each of them.
    const answer = await shop.ask(
      `{ bad: customer(id: "c-1") { orders(after: "${cursor}") { ${orders} } } good: customer(id: "c-1") { orders { ${orders} } } }`,
    )
    expect(answer.errors).toMatchObject([
      { path: ['bad', 'orders'], extensions: { code: 'BAD_USER_INPUT', errors: [{ path: 'after' }] } },
    ])
    expect(answer.at('good.orders.nodes')).toEqual([{ id: 'o-1' }])
  })

  it('read so many histories at a time, and refuse what is more than can wait', async () => {
    const shop = await openShop(servers, { settings: { historyConcurrency: 1 } })
    for (let number = 0; number < 70; number++) await place(shop, `o-${number}`)
    const source = (first: number) => `{ orders(first: ${first}) { nodes { id statusHistory { version } } } }`
    expect((await shop.ask(source(65))).errors).toBeUndefined()
    const { errors } = await shop.askOnce(source(70))
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'OVERLOADED', status: 503, retryAfterMs: 1000 })
    // What the refused request had waiting is still read; then there is room again.
    await vi.waitFor(async () => expect((await shop.askOnce(source(65))).errors).toBeUndefined(), {
      timeout: 50_000,
    })
  })
})
