import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query } from '../../support/graphql.ts'
import { startTestService } from '../../support/service.ts'
import { overWebSocket, wsClient } from '../../live/clients.ts'

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => void (service = await startTestService()))
afterAll(() => service.stop())

const ask = async (text: string, variables?: Record<string, unknown>) =>
  await query(service.endpoints.graph, text, variables)

/** Steps, each a mutation whose answer has to be without errors. It waits for the shipment, so what is read next is after it. */
async function ship(id: string, ...steps: string[]) {
  for (const step of steps) {
    const { errors } = await ask(`mutation ($id: ID!) { ${step} { version shipment { id } } }`, { id })
    expect(errors, step).toBeUndefined()
  }
}
const create = (orderId: string, postalCode = '4000-008', country = 'PT') =>
  `createShipment(id: $id, input: { orderId: "${orderId}", items: [{ sku: "tea", quantity: 2 }],
     address: { name: "Ada", city: "Porto", postalCode: "${postalCode}", country: "${country}" } })`
const DISPATCH = 'dispatchShipment(id: $id, input: { carrier: "DHL", trackingNumber: "JD01" })'

describe('a mutation of shipping', () => {
  it('is there for every command, and answers the shipment after it', async () => {
    const steps: [string, number, string, string | null][] = [
      [create('o-m'), 1, 'CREATED', null],
      [create('o-m'), 1, 'CREATED', null],
      ['dispatchShipment(id: $id, expectedVersion: 1)', 2, 'DISPATCHED', 's-m'],
      ['deliverShipment(id: $id)', 3, 'DELIVERED', 's-m'],
      ['deliverShipment(id: $id)', 3, 'DELIVERED', 's-m'],
    ]
    for (const [step, version, status, trackingNumber] of steps) {
      const { data, errors } = await ask(
        `mutation ($id: ID!) { result: ${step} { id version order { id } shipment { status trackingNumber version } } }`,
        { id: 's-m' },
      )
      expect(errors, step).toBeUndefined()
      const shipment = { status, trackingNumber, version }
      expect(data, step).toEqual({ result: { id: 's-m', version, order: null, shipment } })
    }
    await ship('s-c', create('o-m'), 'cancelShipment(id: $id, input: { reason: "no stock" })')
    expect((await ask('{ shipment(id: "s-c") { status } }')).data).toEqual({
      shipment: { status: 'CANCELLED' },
    })
  })

  it('is refused where no carrier delivers', async () => {
    for (const step of [create('o-d', '00000'), create('o-d', '1', 'ZZ')]) {
      const { errors } = await ask(`mutation ($id: ID!) { ${step} { id } }`, { id: 's-d' })
      expect(errors).toMatchObject([{ extensions: { code: 'ADDRESS_NOT_SERVED', status: 422 } }])
    }
    expect((await ask('{ shipment(id: "s-d") { status } }')).data).toEqual({ shipment: null })
  })

  it('that cancels what was never created is accepted, and there is no shipment then', async () => {
    const { data, errors } = await ask('mutation { cancelShipment(id: "s-0") { version shipment { id } } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ cancelShipment: { version: 1, shipment: null } })
    const late = await ask(`mutation ($id: ID!) { ${create('o-0')} { id } }`, { id: 's-0' })
    expect(late.errors).toMatchObject([{ extensions: { code: 'SHIPMENT_ALREADY_CANCELLED', status: 422 } }])
  })
})

describe('shipment', () => {
  it('answers all there is of it, as it is and as it was, with its events, order and products', async () => {
    await ask(
      `mutation { createOrder(id: "o-1", input: { customerId: "c-1", currency: "EUR",
         items: [{ sku: "tea", quantity: 2, unitPrice: "5.00" }] }) { order { id } } }`,
    )
    await ask(
      `mutation { addProduct(sku: "tea", input: { name: "Sencha", price: "5.00", currency: "EUR" }) { product { sku } } }`,
    )
    await ship('s-1', create('o-1'), DISPATCH)
    const { data, errors } = await ask(`{
      shipment(id: "s-1") { id status orderId address { name street city state postalCode country }
        items { sku quantity product { name } } carrier trackingNumber version order { id total } }
      first: shipment(id: "s-1", asOfVersion: 1) { status carrier allEvents { nodes { type } } }
      none: shipment(id: "none") { id }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      shipment: {
        id: 's-1',
        status: 'DISPATCHED',
        orderId: 'o-1',
        address: {
          name: 'Ada',
          street: null,
          city: 'Porto',
          state: null,
          postalCode: '4000-008',
          country: 'PT',
        },
        items: [{ sku: 'tea', quantity: 2, product: { name: 'Sencha' } }],
        carrier: 'DHL',
        trackingNumber: 'JD01',
        version: 2,
        order: { id: 'o-1', total: '10.00' },
      },
      first: { status: 'CREATED', carrier: null, allEvents: { nodes: [{ type: 'shipment.created' }] } },
      none: null,
    })
  })
})

describe('shipments', () => {
  const ids = async (filter: string) => {
    const { data, errors } = await ask(
      `{ shipments(filter: { ${filter} }, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { id } totalCount } }`,
    )
    expect(errors).toBeUndefined()
    return data
  }
  const found = (...list: string[]) => ({
    shipments: { nodes: list.map((id) => ({ id })), totalCount: list.length },
  })

  it('are found by what holds for them, also by their order', async () => {
    await ask(
      `mutation { createOrder(id: "o-l", input: { customerId: "c-1", currency: "EUR",
         items: [{ sku: "tea", quantity: 1, unitPrice: "5.00" }] }) { order { id } } }`,
    )
    await ship('l-1', create('o-l', '9999'))
    await ship('l-2', create('o-l', '9998'), DISPATCH.replace('JD01', 'JD02'))
    await ship('l-3', create('o-x', '9999'), 'cancelShipment(id: $id)')
    expect(await ids('postalCode: "9999"')).toEqual(found('l-1', 'l-3'))
    expect(await ids('postalCode: "9999", status: CANCELLED')).toEqual(found('l-3'))
    expect(await ids('orderId: "o-l", statusIn: [CREATED, DISPATCHED]')).toEqual(found('l-1', 'l-2'))
    expect(await ids('carrier: "DHL", trackingNumber: "JD02"')).toEqual(found('l-2'))
    expect(await ids('orderId: "o-l", createdTo: "2020-01-01T00:00:00Z"')).toEqual(found())
    expect(await ids('orderId: "o-x", createdFrom: "2020-01-01T00:00:00Z"')).toEqual(found('l-3'))
    const { data, errors } = await ask(
      '{ order(id: "o-l") { id shipments(first: 1) { nodes { id status } totalCount } } }',
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      order: { id: 'o-l', shipments: { nodes: [{ id: 'l-2', status: 'DISPATCHED' }], totalCount: 2 } },
    })
  })
})

describe('shipmentChanged and shipmentsChanged', () => {
  it('tell the state first, then every event', async () => {
    const client = wsClient(service.endpoints.graph.replace('http', 'ws'))
    const one = overWebSocket(
      client,
      `subscription { change: shipmentChanged(id: "live-1") { type cursor event { id version type } shipment { status } } }`,
    )
    const sent = overWebSocket(
      client,
      `subscription { change: shipmentsChanged(filter: { status: DISPATCHED, orderId: "o-live" }) { type cursor event { id version type } shipment { id } } }`,
    )
    await Promise.all([one.came(1), sent.came(1)])
    await ship('live-1', create('o-live'), DISPATCH)
    await one.came(3)
    await sent.came(2)
    expect(one.payloads).toMatchObject([
      { type: 'STATE', shipment: null },
      { event: { type: 'shipment.created' }, shipment: { status: 'CREATED' } },
      { event: { type: 'shipment.dispatched' }, shipment: { status: 'DISPATCHED' } },
    ])
    expect(sent.payloads).toMatchObject([
      { type: 'BOOKMARK', shipment: null },
      { event: { type: 'shipment.dispatched' }, shipment: { id: 'live-1' } },
    ])
  })
})
