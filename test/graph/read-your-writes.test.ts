import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { extensionsOf } from './ask.ts'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aCustomer, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const streamOf = (shop: Shop, aggregate = 'order') => shop.homes.get(aggregate)?.log.stream ?? ''

/** An order whose second event is in the log, and not yet in the row. */
async function behind(shop: Shop) {
  await shop.command('order', 'o-1', 'create', anOrder())
  const { stream, sequence } = await shop.append('order', 'o-1', [{ type: 'order.confirmed', data: {} }])
  return { stream, sequence }
}

/** Projects the order while a query waits for that: by now it would have its answer if it did not. */
async function projectWhileAsked(shop: Shop, answer: Promise<unknown>) {
  let answered = false
  void answer.then(() => (answered = true))
  for (let turn = 0; turn < 5; turn++) await shop.pool.query('select 1')
  expect(answered).toBe(false)
  await shop.project('order', 'o-1')
}

const READS: [field: string, query: string, path: string][] = [
  ['order', 'order(id: "o-1", atLeast: $at) { status }', 'order.status'],
  ['orders', 'orders(atLeast: $at) { nodes { status } }', 'orders.nodes.0.status'],
  [
    'orders of a customer',
    'customer(id: "c-1") { orders(atLeast: $at) { nodes { status } } }',
    'customer.orders.nodes.0.status',
  ],
]

describe('atLeast', () => {
  it.each(READS)('makes %s wait for the position', async (_, field, path) => {
    const shop = await openShop(servers)
    await shop.command('customer', 'c-1', 'register', aCustomer())
    const at = await behind(shop)
    expect(
      (await shop.askOnce(`{ ${field.replace(', atLeast: $at', '').replace('(atLeast: $at)', '')} }`)).at(
        path,
      ),
    ).toBe('CREATED')
    const answer = shop.askOnce(`query ($at: PositionInput) { ${field} }`, { variables: { at } })
    await projectWhileAsked(shop, answer)
    expect((await answer).errors).toBeUndefined()
    expect((await answer).at(path)).toBe('CONFIRMED')
    expect((await shop.ask(`query ($at: PositionInput) { ${field} }`, { variables: { at } })).at(path)).toBe(
      'CONFIRMED',
    )
  })

  it('makes customer wait', async () => {
    const shop = await openShop(servers)
    const { position } = await shop.command('customer', 'c-1', 'register', aCustomer())
    const { stream } = position
    const answer = await shop.ask(
      `{ customer(id: "c-1", atLeast: { stream: "${stream}", sequence: ${position.sequence} }) { city } }`,
    )
    expect(answer.data).toEqual({ customer: { city: 'Porto' } })
  })

  it('is over in time, on its field alone, and says how far the projection is', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 50 } })
    const at = await behind(shop)
    const { status, data, errors } = await shop.ask(
      'query ($at: PositionInput) { order(id: "o-1", atLeast: $at) { status } other: order(id: "o-1") { status } }',
      { variables: { at } },
    )
    expect(status).toBe(200)
    expect(data).toEqual({ order: null, other: { status: 'CREATED' } })
    expect(errors).toEqual([
      {
        message: `The projection order has not applied ${at.stream} 2 yet; it has come to ${at.stream} 1. Ask again a little later`,
        path: ['order'],
        extensions: {
          code: 'PROJECTION_BEHIND',
          status: 503,
          errors: [],
          retryAfterMs: 1000,
          projection: 'order',
          wanted: at,
          reached: { stream: at.stream, sequence: 1 },
        },
      },
    ])
  })

  it('can be beyond the end of the stream, and beyond 2^31', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 50 } })
    const at = { stream: streamOf(shop), sequence: 2 ** 52 }
    const query = 'query ($at: PositionInput) { order(id: "o-1", atLeast: $at) { status } }'
    const { errors } = await shop.ask(query, { variables: { at } })
    expect(errors).toMatchObject([
      { extensions: { code: 'PROJECTION_BEHIND', wanted: at, reached: { sequence: 0 } } },
    ])
  })

  it('has to be of a stream that the projection reads', async () => {
    const shop = await openShop(servers)
    const negative = await shop.ask(
      `{ order(id: "o-1", atLeast: { stream: "${streamOf(shop)}", sequence: -1 }) { status } }`,
    )
    expect(negative.errors?.[0]?.message).toBe('atLeast.sequence: must be 0 or more; it is -1')
    const one = await shop.ask('{ order(id: "o-1", atLeast: { stream: "SALES", sequence: 1 }) { status } }')
    expect(one.errors).toMatchObject([
      {
        message: `atLeast.stream: the projection order does not read "SALES"; it reads ${streamOf(shop)}`,
        extensions: { code: 'BAD_USER_INPUT', status: 400, errors: [{ path: 'atLeast.stream' }] },
      },
    ])
  })

  it('does not concern what is read from the log', async () => {
    const shop = await openShop(servers)
    const at = await behind(shop)
    const { data } = await shop.ask(
      'query ($at: PositionInput) { order(id: "o-1", asOfVersion: 2, atLeast: $at) { status } }',
      { variables: { at }, headers: { 'headwater-at-least': `${at.stream}=${at.sequence}` } },
    )
    expect(data).toEqual({ order: { status: 'CONFIRMED' } })
  })
})

describe('the header Headwater-At-Least', () => {
  it('holds for every field that reads a projection of that stream', async () => {
    const shop = await openShop(servers)
    const at = await behind(shop)
    await shop.command('customer', 'c-1', 'register', aCustomer())
    const header = ` ${at.stream}=1 ,${at.stream}=${at.sequence}, ${streamOf(shop, 'customer')}=1,NOBODYS=7`
    const answer = shop.askOnce(
      '{ a: order(id: "o-1") { status customer { id } } b: orders { nodes { status } } customer(id: "c-1") { orders { nodes { status } } } }',
      { headers: { 'headwater-at-least': header } },
    )
    await projectWhileAsked(shop, answer)
    const status = 'CONFIRMED'
    expect((await answer).data).toEqual({
      a: { status, customer: { id: 'c-1' } },
      b: { nodes: [{ status }] },
      customer: { orders: { nodes: [{ status }] } },
    })
  })

  it('holds beside an argument, and leaves alone who does not read the stream', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 50 } })
    await shop.command('customer', 'c-1', 'register', aCustomer())
    const at = await behind(shop)
    const { data, errors } = await shop.ask(
      `query ($at: PositionInput) { customer(id: "c-1") { city } order(id: "o-1", atLeast: $at) { status } }`,
      { variables: { at: { ...at, sequence: 1 } }, headers: { 'headwater-at-least': `${at.stream}=2` } },
    )
    expect(data).toEqual({ customer: { city: 'Porto' }, order: null })
    expect(errors).toMatchObject([{ path: ['order'], extensions: { wanted: { sequence: 2 } } }])
  })

  it.each([
    '',
    'ORDERS',
    'ORDERS=',
    '=1',
    'ORDERS=-1',
    'ORDERS=1.5',
    'ORDERS=1;CUSTOMERS=2',
    'A=1,,B=2',
    `A=${2 ** 53}`,
  ])('is refused when it is malformed: %j', async (header) => {
    const shop = await openShop(servers)
    const response = await fetch(shop.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'headwater-at-least': header },
      body: '{"query":"{ __typename }"}',
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { code: 'INVALID_HEADER', status: 400 } }],
    })
  })
})

const CREATE = `mutation ($id: ID, $input: CreateOrderInput!) {
  createOrder(id: $id, input: $input) { position { stream sequence } order { id status statusHistory { status } } customer { id } }
}`

describe('a mutation', () => {
  it('answers the fresh object, and null for what it was not about', async () => {
    const shop = await openShop(servers)
    const { data, errors } = await shop.ask(CREATE, { variables: { id: 'o-1', input: anOrder() } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      createOrder: {
        position: { stream: streamOf(shop), sequence: 1 },
        order: { id: 'o-1', status: 'CREATED', statusHistory: [{ status: 'CREATED' }] },
        customer: null,
      },
    })
    const registered = await shop.ask(
      'mutation { registerCustomer(id: "c-1", input: { city: "Faro", state: "PT", postalCode: "8000" }) { customer { city orders { totalCount } } order { id } } }',
    )
    expect(registered.data).toEqual({
      registerCustomer: { customer: { city: 'Faro', orders: { totalCount: 1 } }, order: null },
    })
  })

  it('of several sees each its own doing, whatever those before have loaded', async () => {
    const shop = await openShop(servers)
    await shop.command('customer', 'c-1', 'register', aCustomer())
    const parts = '{ order { status customer { city orders { totalCount } } } }'
    const { data, errors } = await shop.ask(
      `mutation ($input: CreateOrderInput!) {
        one: createOrder(id: "o-1", input: $input) ${parts}
        two: confirmOrder(id: "o-1") ${parts}
        three: createOrder(id: "o-2", input: $input) ${parts}
      }`,
      { variables: { input: anOrder() } },
    )
    expect(errors).toBeUndefined()
    const order = (status: string, totalCount: number) => ({
      order: { status, customer: { city: 'Porto', orders: { totalCount } } },
    })
    expect(data).toEqual({ one: order('CREATED', 1), two: order('CONFIRMED', 1), three: order('CREATED', 2) })
  })

  it('stands when the projection is behind: only the object is not there', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 50 }, projecting: false })
    const { data, errors } = await shop.ask(CREATE, { variables: { id: 'o-1', input: anOrder() } })
    expect(data).toEqual({
      createOrder: { position: { stream: streamOf(shop), sequence: 1 }, order: null, customer: null },
    })
    expect(errors).toMatchObject([
      {
        path: ['createOrder', 'order'],
        extensions: { code: 'PROJECTION_BEHIND', projection: 'order', reached: { sequence: 0 } },
      },
    ])
  })
})

describe('extensions.headwater', () => {
  it('tells of each projection that was read how far it was', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { position } = await shop.command('order', 'o-1', 'confirm')
    const query = '{ order(id: "o-1") { status customer { city } } }'
    const headers = { 'headwater-at-least': `${position.stream}=${position.sequence}` }
    for (let run = 0; run < 3; run++) {
      expect(await extensionsOf(shop.url, query, headers)).toEqual({
        headwater: {
          projections: {
            order: { positions: { [position.stream]: position.sequence }, lagMs: 0 },
            customer: { positions: { [streamOf(shop, 'customer')]: 0 }, lagMs: 0 },
          },
        },
      })
    }
    expect(await shop.statementsOf(() => shop.askOnce(query))).toHaveLength(2)
  })

  it('is not there where nothing was read; beside errors it is', async () => {
    const shop = await openShop(servers)
    expect(await extensionsOf(shop.url, '{ __typename }')).toBeUndefined()
    expect(await extensionsOf(shop.url, '{ order(id: "o-1", asOfVersion: 1) { id } }')).toBeUndefined()
    expect(await extensionsOf(shop.url, '{ nobody }')).toBeUndefined()
    expect(await extensionsOf(shop.url, '{ orders { totalCount } order(id: "*") { id } }')).toMatchObject({
      headwater: { projections: { order: {} } },
    })
  })

  it('tells the lag of a projection that another process runs as soon as this one has found it out', async () => {
    const shop = await openShop(servers, { running: () => [] })
    await behind(shop)
    const lagged = await until('the lag to be known', async () => {
      const extensions = await extensionsOf(shop.url, '{ orders { totalCount } }')
      return JSON.stringify(extensions).includes('lagMs') && extensions
    })
    expect(lagged).toEqual({
      headwater: {
        projections: { order: { positions: { [streamOf(shop)]: 1 }, lagMs: expect.any(Number) } },
      },
    })
  })
})
