import { afterAll, beforeAll, expect, it } from 'vitest'
import { asker } from '../graph/ask.ts'
import { startTestService } from '../support/service.ts'
import { overEventStream, overWebSocket, wsClient } from './clients.ts'

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.stop())

async function done(command: string): Promise<void> {
  const { errors } = await asker(service.endpoints.graph)(`mutation { ${command} { version } }`)
  expect(errors).toBeUndefined()
}

const add = (sku: string, price: string, stock: number) =>
  `addProduct(sku: "${sku}", input: { name: "${sku}", price: "${price}", currency: "EUR", stock: ${stock} })`
const reserve = (sku: string, quantity: number) =>
  `reserveStock(sku: "${sku}", input: { reservationId: "r-1", quantity: ${quantity} })`

const PRODUCT_CHANGED = `subscription ($sku: ID!, $after: Cursor) {
  productChanged(sku: $sku, after: $after) {
    type cursor event { id type version }
    order: product { sku available reserved reservedFor { reservationId quantity } }
  }
}`
const PRODUCTS_CHANGED = `subscription ($filter: ProductFilter, $after: Cursor) {
  productsChanged(filter: $filter, after: $after) { type cursor event { id version } order: product { sku available } }
}`

it('productChanged tells the stock as each event left it, and goes on after a cursor', async () => {
  const { graph } = service.endpoints
  const told = overWebSocket(wsClient(graph.replace('http', 'ws')), PRODUCT_CHANGED, { sku: 'tea' })
  await told.came(1)
  await done(add('tea', '4.50', 10))
  await done(reserve('tea', 3))
  await told.came(3)
  expect(told.payloads).toMatchObject([
    { type: 'STATE', event: null, order: null },
    { type: 'EVENT', event: { type: 'product.added' }, order: { sku: 'tea', available: 10, reserved: 0 } },
    {
      type: 'EVENT',
      event: { type: 'product.reserved', version: 2 },
      order: { available: 7, reserved: 3, reservedFor: [{ reservationId: 'r-1', quantity: 3 }] },
    },
  ])
  const late = overEventStream(graph, PRODUCT_CHANGED, { sku: 'tea', after: told.payloads[1]?.cursor })
  await late.came(1)
  expect(late.payloads).toEqual(told.payloads.slice(2))
  expect([...told.errors, ...late.errors]).toEqual([])
})

it('productsChanged tells those that fit the filter, by number and by decimal', async () => {
  await done(add('mug', '10.00', 5))
  await done(add('pot', '9.99', 50))
  const filter = { priceMin: '10', availableMin: 3, skuIn: ['mug', 'pot', 'cup'] }
  const told = overEventStream(service.endpoints.graph, PRODUCTS_CHANGED, { filter })
  // The projection may be behind: what is no state yet is an event then.
  await told.came(2)
  await done(reserve('pot', 1))
  await done(reserve('mug', 2))
  await done('receiveStock(sku: "mug", input: { quantity: 1 })')
  await done(add('cup', '10.01', 2))
  await done('receiveStock(sku: "cup", input: { quantity: 1 })')
  await told.came(5)
  expect(told.payloads.slice(2).map(({ order }) => order)).toEqual([
    { sku: 'mug', available: 3 },
    { sku: 'mug', available: 4 },
    { sku: 'cup', available: 3 },
  ])
  expect(told.errors).toEqual([])
})

it('an sku that cannot be one is refused by its name', async () => {
  const told = overEventStream(service.endpoints.graph, PRODUCT_CHANGED, { sku: 'a.b' })
  await told.ending()
  expect(told.errors).toMatchObject([
    { message: expect.stringMatching(/^sku: /), extensions: { code: 'BAD_USER_INPUT' } },
  ])
})
