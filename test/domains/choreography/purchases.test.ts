import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createTestGateway,
  customers,
  inventory,
  orders,
  paymentsContext,
  purchases,
  shipping,
} from '../../../src/domains/index.ts'
import type { PaymentGateway } from '../../../src/domains/payments/gateway.ts'
import { parseCheckpoint } from '../../../src/streams/follow/checkpoint.ts'
import { keysOf } from '../../../src/streams/follow/names.ts'
import { listParkedOf } from '../../../src/streams/follow/overview.ts'
import { resetFollower } from '../../../src/streams/follow/request.ts'
import { findFollowerStore } from '../../../src/streams/follow/store.ts'
import { overWebSocket, wsClient } from '../../live/clients.ts'
import { query } from '../../support/graphql.ts'
import { startTestService } from '../../support/service.ts'
import { until } from '../../support/until.ts'
import { audit, endOf, readLogs } from './audit.ts'
import { aBasket, ADDRESS } from './basket.ts'

let service: Awaited<ReturnType<typeof startTestService>>
let nc: NatsConnection

const send = (aggregate: string, id: string, command: string, data: unknown = {}, commandId?: string) =>
  service.sender.send({ aggregate, id, command, data, commandId })
const ask = (text: string, variables?: Record<string, unknown>) =>
  query(service.endpoints.graph, text, variables)

const newGate = (method: string) => ({ method, asked: false, ...Promise.withResolvers<void>() })
/** A payment with such a method waits at the gateway until the test lets it go. */
const gates = { authorize: newGate('card-held'), capture: newGate('card-capture-held') }

const testGateway = createTestGateway()
const gateway: PaymentGateway = {
  ...testGateway,
  async authorize(request, signal) {
    await pass(gates.authorize, request)
    return await testGateway.authorize(request, signal)
  },
  async capture(request, signal) {
    await pass(gates.capture, request)
    return await testGateway.capture(request, signal)
  },
}

async function pass(gate: ReturnType<typeof newGate>, { method }: { method: string }): Promise<void> {
  if (method !== gate.method) return
  gate.asked = true
  await gate.promise
}

beforeAll(async () => {
  service = await startTestService({
    contexts: [orders, customers, inventory, paymentsContext({ gateway }), shipping, purchases],
    overrides: { commands: { consultTimeoutMs: 100_000 } },
  })
  nc = await connect({ servers: service.endpoints.nats })
  for (const [sku, stock] of [
    ['tea', 1000],
    ['cup', 1000],
    ['pot', 1],
  ])
    await send('product', String(sku), 'add', { name: sku, price: '4.50', currency: 'EUR', stock })
})
afterAll(async () => {
  await nc.close()
  await service.stop()
})

const FOLLOWERS = [
  ['orders', 'PURCHASES'],
  ['orders', 'SHIPPING'],
  ['inventory', 'ORDERS'],
  ['inventory', 'PURCHASES'],
  ['payments', 'PURCHASES'],
  ['payments', 'ORDERS'],
  ['shipping', 'PURCHASES'],
  ['progress', 'INVENTORY'],
  ['progress', 'PAYMENTS'],
].map(([name, stream = '']) => ({ kind: 'reactor', name: `purchase-${name}`, stream }))

/** Waits until a follower is through with all that its stream has. */
const through = async (follower: (typeof FOLLOWERS)[number]) => {
  const store = await findFollowerStore(nc, 'hw_followers')
  const { streams } = await jetstreamManager(nc, { timeout: 50_000 })
  const { state } = await streams.info(follower.stream)
  await until(`${follower.name} to come to the end of ${follower.stream}`, async () => {
    const checkpoint = parseCheckpoint((await store.get(keysOf(follower).checkpoint))?.value)
    return checkpoint !== undefined && checkpoint.sequence >= state.last_seq
  })
}

const parked = async () => await listParkedOf(await findFollowerStore(nc, 'hw_followers'), FOLLOWERS)

/** Waits until the purchases have ended, and whatever there is of them adds up. */
const settled = async (...ids: string[]) => {
  let problems: string[] = []
  await until('the purchases to end, and to add up', async () => {
    problems = audit(await readLogs(nc), ids).filter((text) => ids.some((id) => text.includes(id)))
    return problems.length === 0
  }).catch((error: unknown) => {
    if (problems.length === 0) throw error
    expect(problems, String(error)).toEqual([])
  })
}

const PLACE = `mutation ($id: ID, $input: CheckoutInput!, $commandId: ID) {
  placePurchase(id: $id, input: $input, commandId: $commandId) { id version duplicate purchase { status } }
}`
const SHOWN = `query ($id: ID!) {
  purchase(id: $id) {
    status total failure { step code detail }
    order { id status total } payment { status amount } shipment { status items { sku quantity } }
    allEvents { nodes { type } }
  }
}`

/** What the graph says of it, once it says that it has come so far. */
const shown = async (id: string, status: string) =>
  await until(`the graph to show ${id} ${status}`, async () => {
    const { data, errors } = await ask(SHOWN, { id })
    expect(errors).toBeUndefined()
    return JSON.stringify(data).includes(`{"status":"${status}"`) ? data : undefined
  })

describe('a purchase', () => {
  it('goes from one context to the next until it is completed, and the graph shows all of it', async () => {
    const { data, errors } = await ask(PLACE, { id: 'fine', input: aBasket() })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ placePurchase: { id: 'fine', version: 1, duplicate: false } })
    await settled('fine')
    await shown('fine', 'COMPLETED')
    const expected = {
      purchase: {
        status: 'COMPLETED',
        total: '20.00',
        failure: null,
        order: { id: 'purchase-fine', status: 'CONFIRMED', total: '20.00' },
        payment: { status: 'CAPTURED', amount: '20.00' },
        shipment: {
          status: 'CREATED',
          items: [
            { sku: 'tea', quantity: 2 },
            { sku: 'cup', quantity: 2 },
          ],
        },
        allEvents: {
          nodes: [
            { type: 'purchase.placed' },
            { type: 'purchase.item_reserved' },
            { type: 'purchase.item_reserved' },
            { type: 'purchase.reserved' },
            { type: 'purchase.authorized' },
            { type: 'purchase.completed' },
          ],
        },
      },
    }
    // Each context has a projection of its own.
    await vi.waitFor(async () => expect((await ask(SHOWN, { id: 'fine' })).data).toEqual(expected), 50_000)
  })

  it.each([
    [
      'out-of-stock',
      {
        items: [
          { sku: 'tea', quantity: 1, unitPrice: '4.50' },
          { sku: 'pot', quantity: 2, unitPrice: '9.00' },
        ],
      },
      { step: 'reserve-items', code: 'OUT_OF_STOCK' },
    ],
    [
      'no-such-product',
      {
        items: [
          { sku: 'tea', quantity: 1, unitPrice: '4.50' },
          { sku: 'gone', quantity: 2, unitPrice: '9.00' },
        ],
      },
      { step: 'reserve-items', code: 'PRODUCT_NOT_FOUND' },
    ],
    ['declined', { method: 'card-declined' }, { step: 'authorize-payment', code: 'PAYMENT_DECLINED' }],
    [
      'for-nothing',
      { items: [{ sku: 'tea', quantity: 1, unitPrice: '0.00' }], shippingCost: '0.00' },
      { step: 'authorize-payment', code: 'INVALID_COMMAND' },
    ],
    [
      'not-served',
      { address: { ...ADDRESS, country: 'ZZ' } },
      { step: 'create-shipment', code: 'ADDRESS_NOT_SERVED' },
    ],
  ])('that fails, %s, is undone, and says at what and why', async (id, changes, failure) => {
    expect((await ask(PLACE, { id, input: aBasket(changes) })).errors).toBeUndefined()
    await settled(id)
    expect(await shown(id, 'FAILED')).toMatchObject({ purchase: { failure } })
    expect(
      (
        await ask(
          'query ($code: String!) { purchases(filter: { failureCode: $code, status: FAILED }) { nodes { id } } }',
          { code: failure.code },
        )
      ).data,
    ).toEqual({
      purchases: { nodes: [{ id }] },
    })
    expect(await parked()).toEqual([])
  })

  it('that is placed twice is one', async () => {
    const input = aBasket()
    const first = await ask(PLACE, { input, commandId: 'twice' })
    const second = await ask(PLACE, { input, commandId: 'twice' })
    expect(second.data).toMatchObject({ placePurchase: { duplicate: true } })
    const id = String(Reflect.get(Object(first.data?.['placePurchase']), 'id'))
    expect(second.data).toMatchObject({ placePurchase: { id } })
    await settled(id)
    expect(await send('purchase', id, 'place', aBasket())).toMatchObject({ code: 'PURCHASE_ALREADY_EXISTS' })
  })

  it('is told live', async () => {
    const client = wsClient(service.endpoints.graph.replace('http', 'ws'))
    const live = overWebSocket(
      client,
      `subscription { change: purchaseChanged(id: "live") { type cursor event { id version type } purchase { status } } }`,
    )
    await live.came(1)
    await send('purchase', 'live', 'place', aBasket({ method: 'card-declined' }))
    await until('the failure to be told', async () => JSON.stringify(live.payloads).includes('FAILED'))
    await client.dispose()
    await settled('live')
  })
})

describe('what comes too late, or from a stranger,', () => {
  it('a reservation of a purchase that has failed is released', async () => {
    await send('purchase', 'late', 'place', aBasket({ method: 'card-declined' }))
    await settled('late')
    await send('product', 'pot', 'reserve', { reservationId: 'purchase-late', quantity: 1 })
    await until('it to be released', async () =>
      (await readLogs(nc))
        .get('product.pot')
        ?.some(({ type, data }) => type === 'product.released' && data['reservationId'] === 'purchase-late'),
    )
    await settled('late')
  })

  it('an order that calls itself a purchase keeps no stock, and nobody has to look at it', async () => {
    const { customerId, currency, items, shippingCost } = aBasket()
    await send('order', 'purchase-nobody', 'create', { customerId, currency, items, shippingCost })
    await until('both products to be released', async () => {
      const all = [...(await readLogs(nc)).values()].flat()
      const of = all.filter(({ data }) => data['reservationId'] === 'purchase-nobody')
      return of.filter(({ type }) => type === 'product.released').length === 2
    })
    await send('order', 'purchase-nobody', 'confirm')
    await send('order', 'purchase-', 'create', { customerId, currency, items, shippingCost })
    // What is confirmed is to be paid for: nothing to capture may be found.
    for (const follower of FOLLOWERS.filter(({ stream }) => stream === 'ORDERS')) await through(follower)
    await send('payment', 'purchase-nobody', 'authorize', {
      orderId: 'x',
      amount: '1.00',
      currency: 'EUR',
      method: 'card',
    })
    await until('the payment to be voided', async () =>
      (await readLogs(nc)).get('payment.purchase-nobody')?.some(({ type }) => type === 'payment.voided'),
    )
    expect(await parked()).toEqual([])
  })

  it('an order that somebody cancels on the way ends the purchase', async () => {
    // The gateway takes its time: the order is cancelled while it is asked.
    await send('purchase', 'regret', 'place', aBasket({ method: gates.authorize.method }))
    await until('the gateway to be asked', async () => gates.authorize.asked)
    expect(await send('order', 'purchase-regret', 'cancel', { reason: 'changed my mind' })).toMatchObject({
      ok: true,
    })
    gates.authorize.resolve()
    await settled('regret')
    expect(await shown('regret', 'FAILED')).toMatchObject({
      purchase: { failure: { step: 'confirm-order', code: 'ORDER_ALREADY_CANCELLED' } },
    })
  })
})

describe('a confirmed order', () => {
  it('is not taken back because the money cannot be captured: that waits for a person, who may give it up', async () => {
    await send('purchase', 'stuck', 'place', aBasket({ method: 'card-capture-declined' }))
    const [waiting] = await until('the event to be parked', async () => {
      const found = await parked()
      return found.length > 0 && found
    })
    expect(waiting).toMatchObject({ code: 'CAPTURE_DECLINED', type: 'order.confirmed', id: 'purchase-stuck' })
    expect(endOf(await readLogs(nc), 'stuck')).toBe('purchase.authorized')
    const given = { step: 'capture-payment', code: 'GIVEN_UP', detail: 'the customer has left' }
    expect(await send('purchase', 'stuck', 'fail', given)).toMatchObject({ ok: true })
    await settled('stuck')
  })
})

describe('money', () => {
  it('that is taken while somebody gives the purchase up goes back, once', async () => {
    await send('purchase', 'given-up', 'place', aBasket({ method: gates.capture.method }))
    await until('the gateway to be asked', async () => gates.capture.asked)
    const given = { step: 'capture-payment', code: 'GIVEN_UP', detail: 'the customer has left' }
    expect(await send('purchase', 'given-up', 'fail', given)).toMatchObject({ ok: true })
    gates.capture.resolve()
    await until('the money to go back', async () =>
      (await readLogs(nc)).get('payment.purchase-given-up')?.some(({ type }) => type === 'payment.refunded'),
    )
    await settled('given-up')
  })
})

/** How many events each has, but products: those have their part in every purchase. */
const counts = async () =>
  [...(await readLogs(nc))]
    .flatMap(([key, events]) => (key.startsWith('product.') ? [] : [`${key} ${events.length}`]))
    .toSorted()

describe('when every reactor begins again', () => {
  it('nothing happens twice', async () => {
    const known = await counts()
    const store = await findFollowerStore(nc, 'hw_followers')
    const { streams } = await jetstreamManager(nc)
    for (const follower of FOLLOWERS) {
      const { created } = await streams.info(follower.stream)
      await resetFollower(store, follower, { created, sequence: 0 })
    }
    // A follower sees that it was reset when it has something to write.
    await send('purchase', 'last', 'place', aBasket())
    await settled('last')
    for (const follower of FOLLOWERS) await through(follower)
    expect((await counts()).filter((text) => !text.includes('last'))).toEqual(known)
    const ids = [...(await readLogs(nc)).keys()].flatMap((key) =>
      key.startsWith('purchase.') ? [key.slice(9)] : [],
    )
    expect(ids.length).toBeGreaterThan(8)
    expect(audit(await readLogs(nc), ids)).toEqual([])
  })
})
