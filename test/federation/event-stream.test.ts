import { beforeAll, expect, it } from 'vitest'
import { type Told, EVENTS_OF, overEventStream } from '../live/clients.ts'
import { type Part, asker, topologyOfFile } from './topology.ts'

const opened = topologyOfFile()
beforeAll(async () => {
  const customer = '{ name: "Ana", city: "Recife", state: "PE", postalCode: "50000" }'
  // The name waits for the projection: orders are asked for their customer as soon as they are there.
  await done(opened().gateway, `registerCustomer(id: "c-1", input: ${customer})`, 'customer { name }')
})

/** A command's event is in the log when it is answered. */
async function done({ url }: Part, command: string, answer = 'version'): Promise<void> {
  const { errors } = await asker(url)(`mutation { ${command} { ${answer} } }`)
  expect(errors).toBeUndefined()
}

const create = (id: string) => `createOrder(id: "${id}", input: {
  customerId: "c-1", currency: "EUR", items: [{ sku: "tea", quantity: 1, unitPrice: "4.50" }] })`
const ship = (id: string) => `shipOrder(id: "${id}", input: { carrier: "DHL", trackingNumber: "1" })`

/** The customer is of another subgraph than the subscription. */
const ORDER_CHANGED = `subscription ($id: ID!, $after: Cursor) {
  orderChanged(id: $id, after: $after) { type cursor event { id type version } order { status customer { city } } }
}`

const told = ({ payloads }: Told) =>
  payloads.map(({ type, event, order }) => [type, event?.version, order?.['status'], order?.['customer']])
const recife = { city: 'Recife' }

it('a subscription over SSE tells the state, then each event, with what other subgraphs know of it', async () => {
  const { gateway } = opened()
  const client = overEventStream(gateway.url, ORDER_CHANGED, { id: 'o-1' })
  await client.came(1)
  await done(gateway, create('o-1'))
  await done(gateway, 'confirmOrder(id: "o-1")')
  await client.came(3)
  expect(told(client)).toEqual([
    ['STATE', undefined, undefined, undefined],
    ['EVENT', 1, 'CREATED', recife],
    ['EVENT', 2, 'CONFIRMED', recife],
  ])
  expect(client.errors).toEqual([])
})

it('what is wrong with a subscription is told over SSE too', async () => {
  const { gateway } = opened()
  const forged = overEventStream(gateway.url, ORDER_CHANGED, { id: 'o-1', after: 'made-up' })
  const unknown = overEventStream(gateway.url, 'subscription { nothingChanged { cursor } }')
  await Promise.all([forged.ending(), unknown.ending()])
  expect(forged.errors.map(({ extensions }) => extensions?.code)).toEqual(['BAD_CURSOR'])
  expect(unknown.errors.map(({ extensions }) => extensions?.code)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
})

it('cursors over SSE go on without a gap or a repeat when gateway and subgraphs have been restarted (3 faults)', async () => {
  const { topology, gateway } = opened()
  const { shop, customers } = topology
  let faults = 0
  const orderEvents = { aggregate: 'order', fromStart: true }
  await done(gateway, create('o-2'))
  const one = overEventStream(gateway.url, ORDER_CHANGED, { id: 'o-2' })
  const all = overEventStream(gateway.url, EVENTS_OF, orderEvents)
  await one.came(1)
  await done(gateway, 'confirmOrder(id: "o-2")')
  await one.came(2)
  await all.came(4)

  await gateway.kill()
  faults++
  await Promise.all([one.ending(), all.ending()])
  // Nobody hears of these as they happen.
  await done(shop, ship('o-2'))
  await done(shop, create('o-3'))
  await shop.kill()
  faults++
  await shop.start()
  expect(await customers.end()).toBe(0)
  faults++
  await customers.start()
  await gateway.start()
  await done(gateway, 'deliverOrder(id: "o-2")')

  const oneLater = overEventStream(gateway.url, ORDER_CHANGED, { id: 'o-2', after: one.lastCursor })
  const allLater = overEventStream(gateway.url, EVENTS_OF, { aggregate: 'order', after: all.lastCursor })
  await oneLater.came(2)
  await done(gateway, 'confirmOrder(id: "o-3")')
  expect([...told(one), ...told(oneLater)]).toEqual([
    ['STATE', undefined, 'CREATED', recife],
    ['EVENT', 2, 'CONFIRMED', recife],
    ['EVENT', 3, 'SHIPPED', recife],
    ['EVENT', 4, 'DELIVERED', recife],
  ])
  const whole = overEventStream(gateway.url, EVENTS_OF, orderEvents)
  // Those of the test before, four of o-2 and two of o-3.
  await whole.came(8)
  await allLater.came(8 - all.payloads.length)
  expect([...all.ids(), ...allLater.ids()]).toEqual(whole.ids())
  expect(new Set(whole.ids()).size).toBe(8)
  expect([...oneLater.errors, ...allLater.errors, ...whole.errors]).toEqual([])
  expect(faults).toBe(3)
})
