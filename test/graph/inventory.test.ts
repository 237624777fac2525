import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aProduct, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const day = (number: number) => new Date(Date.UTC(2026, 0, number)).toISOString()
const PRODUCT = `sku name price currency stock available reserved reservedFor { reservationId quantity } createdAt updatedAt version`

async function stocked(): Promise<Shop> {
  const shop = await openShop(servers)
  await shop.command('product', 'tea', 'add', aProduct(), day(1))
  await shop.command('product', 'tea', 'reserve', { reservationId: 'o-1', quantity: 2 }, day(2))
  await shop.command('product', 'tea', 'reserve', { reservationId: 'o-2', quantity: 1 }, day(3))
  await shop.command('product', 'tea', 'ship-reserved', { reservationId: 'o-1' }, day(4))
  return shop
}

describe('product', () => {
  it('answers what there is of it, what of that is free, and for whom the rest is', async () => {
    const shop = await stocked()
    const { data, errors } = await shop.ask(`{ product(sku: "tea") { ${PRODUCT} } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      product: {
        sku: 'tea',
        name: 'Sencha',
        price: '8.90',
        currency: 'EUR',
        stock: 3,
        available: 2,
        reserved: 1,
        reservedFor: [{ reservationId: 'o-2', quantity: 1 }],
        createdAt: day(1),
        updatedAt: day(4),
        version: 4,
      },
    })
  })

  it('is null when there is none', async () => {
    const shop = await openShop(servers)
    const { data, errors } = await shop.ask('{ product(sku: "tea") { sku } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ product: null })
  })

  it('answers what was at a moment and at a version, with the events up to it', async () => {
    const shop = await stocked()
    const { data, errors } = await shop.ask(`{
      third: product(sku: "tea", asOf: "${day(3)}") { sku available reservedFor { reservationId } }
      first: product(sku: "tea", asOfVersion: 2) { sku stock available allEvents { nodes { type version } } }
      before: product(sku: "tea", asOf: "2025-12-31T00:00:00Z") { sku }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      third: { sku: 'tea', available: 2, reservedFor: [{ reservationId: 'o-1' }, { reservationId: 'o-2' }] },
      first: {
        sku: 'tea',
        stock: 5,
        available: 3,
        allEvents: {
          nodes: [
            { type: 'product.added', version: 1 },
            { type: 'product.reserved', version: 2 },
          ],
        },
      },
      before: null,
    })
  })

  it('names its sku when that could not be one', async () => {
    const shop = await openShop(servers)
    const { errors } = await shop.ask('{ product(sku: "green tea") { sku } }')
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', errors: [{ path: 'sku' }] }, path: ['product'] },
    ])
  })
})

describe('products', () => {
  const skus = async (shop: Shop, args: string) => {
    const { data, errors } = await shop.ask(`{ products${args} { nodes { sku } totalCount } }`)
    expect(errors).toBeUndefined()
    return data
  }
  const found = (...list: string[]) => ({
    products: { nodes: list.map((sku) => ({ sku })), totalCount: list.length },
  })

  it('are found by what holds for them, and come in the order that is asked for', async () => {
    const shop = await openShop(servers)
    await shop.command('product', 'tea', 'add', aProduct({ stock: 5 }), day(1))
    await shop.command('product', 'cup', 'add', aProduct({ name: 'Cup', price: '12.50', stock: 0 }), day(2))
    await shop.command(
      'product',
      'pot',
      'add',
      aProduct({ name: 'Pot', price: '100.00', currency: 'USD' }),
      day(3),
    )
    await shop.command('product', 'pot', 'reserve', { reservationId: 'r', quantity: 5 }, day(4))
    expect(await skus(shop, '')).toEqual(found('pot', 'cup', 'tea'))
    expect(await skus(shop, '(orderBy: { field: PRICE, direction: ASC })')).toEqual(
      found('tea', 'cup', 'pot'),
    )
    expect(await skus(shop, '(orderBy: { field: NAME, direction: ASC })')).toEqual(found('cup', 'pot', 'tea'))
    expect(await skus(shop, '(orderBy: { field: STOCK, direction: DESC })')).toEqual(
      found('tea', 'pot', 'cup'),
    )
    expect(await skus(shop, '(filter: { availableMin: 1 })')).toEqual(found('tea'))
    expect(await skus(shop, '(filter: { availableMax: 0 })')).toEqual(found('pot', 'cup'))
    expect(await skus(shop, '(filter: { skuIn: ["tea", "pot", "none"] })')).toEqual(found('pot', 'tea'))
    expect(await skus(shop, '(filter: { priceMin: "9", priceMax: "12.50" })')).toEqual(found('cup'))
    expect(await skus(shop, '(filter: { currency: "USD" })')).toEqual(found('pot'))
    expect(await skus(shop, `(filter: { createdFrom: "${day(2)}", createdTo: "${day(2)}" })`)).toEqual(
      found('cup'),
    )
  })

  it('come a page at a time', async () => {
    const shop = await openShop(servers)
    for (let number = 1; number <= 5; number++)
      await shop.command('product', `p-${number}`, 'add', aProduct(), day(number))
    const seen: unknown[] = []
    for (let after: unknown = null; after !== undefined;) {
      const page = await shop.ask(
        `query ($after: String) { products(first: 2, after: $after) { nodes { sku } pageInfo { hasNextPage endCursor } } }`,
        { variables: { after } },
      )
      seen.push(page.at('products.nodes'))
      after =
        page.at('products.pageInfo.hasNextPage') === true ? page.at('products.pageInfo.endCursor') : undefined
    }
    expect(seen.flat()).toEqual([5, 4, 3, 2, 1].map((number) => ({ sku: `p-${number}` })))
  })
})

describe('the product of an order item', () => {
  it('is found by the sku, null where there is none; for all items of all orders with one statement', async () => {
    const shop = await stocked()
    await shop.command('product', 'cup', 'add', aProduct({ name: 'Cup' }))
    const item = (sku: string) => ({ sku, quantity: 1, unitPrice: '1.00' })
    for (const [id, ...items] of [
      ['o-1', 'tea', 'cup'],
      ['o-2', 'tea', 'gone'],
      ['o-3', 'cup'],
    ] as const)
      await shop.command('order', id, 'create', anOrder({ items: items.map(item) }))
    const query = '{ orders { nodes { id items { sku product { sku name available } } } } }'
    const tea = { sku: 'tea', product: { sku: 'tea', name: 'Sencha', available: 2 } }
    const cup = { sku: 'cup', product: { sku: 'cup', name: 'Cup', available: 5 } }
    const { data, errors } = await shop.ask(query)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      orders: {
        nodes: [
          { id: 'o-3', items: [cup] },
          { id: 'o-2', items: [tea, { sku: 'gone', product: null }] },
          { id: 'o-1', items: [tea, cup] },
        ],
      },
    })
    const statements = await shop.statementsOf(() => shop.askOnce(query))
    expect(statements.filter((text) => text.includes('tb_product_projection'))).toHaveLength(1)
  })
})

describe('a mutation of inventory', () => {
  it('is there for every command, and answers the product after it', async () => {
    const shop = await openShop(servers)
    const steps: [string, number, number, number][] = [
      [
        'addProduct(sku: "tea", input: { name: "Sencha", price: "8.90", currency: "EUR", stock: 2 })',
        1,
        2,
        0,
      ],
      ['receiveStock(sku: "tea", input: { quantity: 3 }, expectedVersion: 1)', 2, 5, 0],
      ['reserveStock(sku: "tea", input: { reservationId: "o-1", quantity: 2 })', 3, 3, 2],
      ['reserveStock(sku: "tea", input: { reservationId: "o-1", quantity: 2 })', 3, 3, 2],
      ['reserveStock(sku: "tea", input: { reservationId: "o-2", quantity: 1 })', 4, 2, 3],
      ['releaseStock(sku: "tea", input: { reservationId: "o-1" })', 5, 4, 1],
      ['releaseStock(sku: "tea", input: { reservationId: "o-1" })', 5, 4, 1],
      ['shipReserved(sku: "tea", input: { reservationId: "o-2" })', 6, 4, 0],
    ]
    for (const [step, version, available, reserved] of steps) {
      const { data, errors } = await shop.ask(
        `mutation { result: ${step} { id version order { id } product { sku version available reserved } } }`,
      )
      expect(errors, step).toBeUndefined()
      const after = { sku: 'tea', version, available, reserved }
      expect(data, step).toEqual({ result: { id: 'tea', version, order: null, product: after } })
    }
  })

  it('that is refused says why, with the code to branch on', async () => {
    const shop = await stocked()
    const { data, errors, status } = await shop.ask(
      'mutation { reserveStock(sku: "tea", input: { reservationId: "o-3", quantity: 3 }) { version } }',
    )
    expect(status).toBe(200)
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      { path: ['reserveStock'], extensions: { code: 'OUT_OF_STOCK', status: 422 } },
    ])
  })
})
