import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query } from '../../support/graphql.ts'
import { startTestService } from '../../support/service.ts'
import { overWebSocket, wsClient } from '../../live/clients.ts'

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => void (service = await startTestService()))
afterAll(() => service.stop())

const ask = async (text: string, variables?: Record<string, unknown>) =>
  await query(service.endpoints.graph, text, variables)

/** Steps, each a mutation whose answer has to be without errors. It waits for the payment, so what is read next is after it. */
async function pay(id: string, ...steps: string[]) {
  for (const step of steps) {
    const { errors } = await ask(`mutation ($id: ID!) { ${step} { version payment { id } } }`, { id })
    expect(errors, step).toBeUndefined()
  }
}
const authorize = (orderId: string, amount = '12.50', method = 'card-1') =>
  `authorizePayment(id: $id, input: { orderId: "${orderId}", amount: "${amount}", currency: "EUR", method: "${method}" })`
const CAPTURE = 'capturePayment(id: $id)'
const refund = (amount: string) => `refundPayment(id: $id, input: { amount: "${amount}", reason: "damaged" })`

describe('a mutation of payments', () => {
  it('is there for every command, and answers the payment after it', async () => {
    const steps: [string, number, string, string][] = [
      [authorize('o-m'), 1, 'AUTHORIZED', '0.00'],
      [authorize('o-m'), 1, 'AUTHORIZED', '0.00'],
      [CAPTURE, 2, 'CAPTURED', '0.00'],
      [CAPTURE, 2, 'CAPTURED', '0.00'],
      [refund('5.00'), 3, 'CAPTURED', '5.00'],
      ['refundPayment(id: $id, input: { reason: "damaged" }, expectedVersion: 3)', 4, 'REFUNDED', '12.50'],
    ]
    for (const [step, version, status, refunded] of steps) {
      const { data, errors } = await ask(
        `mutation ($id: ID!) { result: ${step} { id version order { id } payment { status refunded version } } }`,
        { id: 'p-m' },
      )
      expect(errors, step).toBeUndefined()
      const payment = { status, refunded, version }
      expect(data, step).toEqual({ result: { id: 'p-m', version, order: null, payment } })
    }
    await pay('p-v', authorize('o-m'), 'voidPayment(id: $id)')
    expect((await ask('{ payment(id: "p-v") { status } }')).data).toEqual({ payment: { status: 'VOIDED' } })
  })

  it('that the gateway declines says why, and the payment can be made with another method', async () => {
    const { errors } = await ask(
      `mutation ($id: ID!) { ${authorize('o-d', '9.00', 'card-declined')} { id } }`,
      {
        id: 'p-d',
      },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'PAYMENT_DECLINED', status: 422 } }])
    expect((await ask('{ payment(id: "p-d") { status } }')).data).toEqual({ payment: null })
    await pay('p-d', authorize('o-d', '9.00'))
    expect((await ask('{ payment(id: "p-d") { status version } }')).data).toEqual({
      payment: { status: 'AUTHORIZED', version: 1 },
    })
  })

  it('that voids what was never authorized is accepted, and there is no payment then', async () => {
    const { data, errors } = await ask('mutation { voidPayment(id: "p-0") { version payment { id } } }')
    expect(errors).toBeUndefined()
    expect(data).toEqual({ voidPayment: { version: 1, payment: null } })
    const late = await ask(`mutation ($id: ID!) { ${authorize('o-0')} { id } }`, { id: 'p-0' })
    expect(late.errors).toMatchObject([{ extensions: { code: 'PAYMENT_ALREADY_VOIDED', status: 422 } }])
  })
})

describe('payment', () => {
  it('answers all there is of it, as it is and as it was, with its events and its order', async () => {
    await ask(
      `mutation { createOrder(id: "o-1", input: { customerId: "c-1", currency: "EUR",
         items: [{ sku: "tea", quantity: 2, unitPrice: "5.00" }], shippingCost: "2.50" }) { order { id } } }`,
    )
    await pay('p-1', authorize('o-1'), CAPTURE, refund('2.50'))
    const { data, errors } = await ask(`{
      payment(id: "p-1") { id status orderId amount currency method refunded reference version order { id total } }
      first: payment(id: "p-1", asOfVersion: 1) { status refunded allEvents { nodes { type } } }
      none: payment(id: "none") { id }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      payment: {
        id: 'p-1',
        status: 'CAPTURED',
        orderId: 'o-1',
        amount: '12.50',
        currency: 'EUR',
        method: 'card-1',
        refunded: '2.50',
        reference: expect.stringMatching(/^authorize_/),
        version: 3,
        order: { id: 'o-1', total: '12.50' },
      },
      first: {
        status: 'AUTHORIZED',
        refunded: '0.00',
        allEvents: { nodes: [{ type: 'payment.authorized' }] },
      },
      none: null,
    })
  })

  it('has no order where there is none', async () => {
    await pay('p-2', authorize('gone'))
    expect((await ask('{ payment(id: "p-2") { orderId order { id } } }')).data).toEqual({
      payment: { orderId: 'gone', order: null },
    })
  })
})

describe('payments', () => {
  const ids = async (filter: string) => {
    const { data, errors } = await ask(
      `{ payments(filter: { method: "card-list", ${filter} }, orderBy: { field: AMOUNT, direction: ASC }) { nodes { id } totalCount } }`,
    )
    expect(errors).toBeUndefined()
    return data
  }
  const found = (...list: string[]) => ({
    payments: { nodes: list.map((id) => ({ id })), totalCount: list.length },
  })

  it('are found by what holds for them, also by their order', async () => {
    await ask(
      `mutation { createOrder(id: "o-l", input: { customerId: "c-1", currency: "EUR",
         items: [{ sku: "tea", quantity: 1, unitPrice: "5.00" }] }) { order { id } } }`,
    )
    await pay('l-1', authorize('o-l', '1.00', 'card-list'))
    await pay('l-2', authorize('o-l', '2.00', 'card-list'), CAPTURE)
    await pay('l-3', authorize('o-x', '3.00', 'card-list'), 'voidPayment(id: $id)')
    expect(await ids('')).toEqual(found('l-1', 'l-2', 'l-3'))
    expect(await ids('status: CAPTURED')).toEqual(found('l-2'))
    expect(await ids('statusIn: [AUTHORIZED, VOIDED]')).toEqual(found('l-1', 'l-3'))
    expect(await ids('orderId: "o-l"')).toEqual(found('l-1', 'l-2'))
    expect(await ids('amountMin: "2", amountMax: "2.00"')).toEqual(found('l-2'))
    expect(await ids('currency: "USD"')).toEqual(found())
    expect(await ids('createdTo: "2020-01-01T00:00:00Z"')).toEqual(found())
    expect(await ids('createdFrom: "2020-01-01T00:00:00Z"')).toEqual(found('l-1', 'l-2', 'l-3'))
    const { data, errors } = await ask(
      '{ order(id: "o-l") { id payments(first: 1) { nodes { id status } totalCount } } }',
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      order: { id: 'o-l', payments: { nodes: [{ id: 'l-2', status: 'CAPTURED' }], totalCount: 2 } },
    })
  })
})

describe('paymentChanged and paymentsChanged', () => {
  it('tell the state first, then every event', async () => {
    const client = wsClient(service.endpoints.graph.replace('http', 'ws'))
    const one = overWebSocket(
      client,
      `subscription { change: paymentChanged(id: "live-1") { type cursor event { id version type } payment { status } } }`,
    )
    const captured = overWebSocket(
      client,
      `subscription { change: paymentsChanged(filter: { status: CAPTURED, orderId: "o-live" }) { type cursor event { id version type } payment { id } } }`,
    )
    await Promise.all([one.came(1), captured.came(1)])
    await pay('live-1', authorize('o-live'), CAPTURE)
    await one.came(3)
    await captured.came(2)
    expect(one.payloads).toMatchObject([
      { type: 'STATE', payment: null },
      { event: { type: 'payment.authorized' }, payment: { status: 'AUTHORIZED' } },
      { event: { type: 'payment.captured' }, payment: { status: 'CAPTURED' } },
    ])
    expect(captured.payloads).toMatchObject([
      { type: 'BOOKMARK', payment: null },
      { event: { type: 'payment.captured' }, payment: { id: 'live-1' } },
    ])
  })
})
