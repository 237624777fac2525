import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { checkoutGraph, orderSagaGraph } from '../../src/domains/checkout/graph.ts'
import { checkout } from '../../src/domains/checkout/saga.ts'
import { customers, inventory, orders, payments, shipping } from '../../src/domains/index.ts'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { defineContext } from '../../src/runtime/define-context.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { type Answer, asker } from '../graph/ask.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { parcel, purchase, purse, stock } from './trade.ts'

/** Somebody has to approve; then it is paid. */
export const approval = defineSaga({
  name: 'approval',
  input: z.object({ amount: z.int() }),
  steps: [
    { name: 'approve', decision: z.object({ by: z.string() }), timeoutMs: 600_000 },
    {
      name: 'pay',
      invoke: ({ id, input: { amount } }) => commandTo(purse, 'till', 'pay', { who: id, amount }),
    },
  ],
})

/** The saga alone: the aggregate of the choreographed purchase has the name of the trade's saga. */
const purchases = defineContext({
  name: 'purchases',
  sagas: [checkout],
  graph: checkoutGraph,
  sagaGraph: orderSagaGraph,
})

export const trade = defineContext({
  name: 'trade',
  aggregates: [stock, purse, parcel],
  sagas: [purchase, approval],
})

const ADDRESS = { name: 'Ana', street: 'Rua 1', city: 'Porto', postalCode: '4000-001', country: 'PT' }

export const aCheckout = (changes: object = {}) => ({
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }],
  shippingCost: '2.00',
  method: 'card',
  address: ADDRESS,
  ...changes,
})

export const CHECKOUT = `mutation ($id: ID, $input: CheckoutInput!, $wait: Boolean, $commandId: ID) {
  checkout(id: $id, input: $input, wait: $wait, commandId: $commandId) {
    aggregate id version duplicate saga { key id name status currentStep finishedAt steps { name status } version }
  }
}`

/** The commerce contexts and a trade, for all tests of a file. */
export function serviceOfFile() {
  let service: Awaited<ReturnType<typeof startTestService>>
  beforeAll(async () => {
    service = await startTestService({
      contexts: [orders, customers, inventory, payments, shipping, purchases, trade],
    })
    await service.sender.send({
      aggregate: 'product',
      id: 'tea',
      command: 'add',
      data: { name: 'Sencha', price: '4.50', currency: 'EUR', stock: 1000 },
    })
    await service.sender.send({ aggregate: 'stock', id: 'pen', command: 'fill', data: { left: 100 } })
  })
  afterAll(() => service.stop())

  const ask = (query: string, variables: Record<string, unknown> = {}) =>
    asker(service.endpoints.graph)(query, { variables })
  return {
    service: () => service,
    ask,
    send: (aggregate: string, id: string, command: string, data: unknown = {}, wait?: 'completed') =>
      service.sender.send({ aggregate, id, command, data, ...(wait && { wait }) }),
    /** Asks until the answer has a value at a path. */
    askUntil: (what: string, query: string, isThere: (answer: Answer) => boolean) =>
      until(what, async () => {
        const answer = await ask(query)
        return isThere(answer) ? answer : undefined
      }),
  }
}
