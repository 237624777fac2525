import { z } from 'zod'

/**
 * - `addresses`: each command changes the address of the next of 1,000 customers that are there already
 * - `one-address`: all commands change the address of one customer
 * - `orders`: 1,000 orders at a time, each created, confirmed, shipped and delivered; then a new one takes its place
 * - `creates`: each command creates an order of its own
 */
export const Traffic = z.enum(['addresses', 'one-address', 'orders', 'creates'])
export type Traffic = z.output<typeof Traffic>

export interface Request {
  aggregate: 'customer' | 'order'
  id: string
  command: string
  data: object
}

const AGGREGATES = 1000
const order = {
  customerId: 'c-1',
  currency: 'BRL',
  items: [{ sku: 'sku-1', quantity: 2, unitPrice: '49.90' }],
  shippingCost: '12.50',
}
const address = { city: 'São Paulo', state: 'SP', postalCode: '01310-100' }
const STEPS = [
  { command: 'create', data: order },
  { command: 'confirm', data: {} },
  { command: 'ship', data: { carrier: 'correios', trackingNumber: 'BR123456789' } },
  { command: 'deliver', data: {} },
] as const

/** What the customers of `addresses` and `one-address` need first; nothing for the others. */
export function preparation(traffic: Traffic, run: string): Request[] {
  const ids =
    traffic === 'addresses'
      ? Array.from({ length: AGGREGATES }, (_, at) => `${run}-${at}`)
      : traffic === 'one-address'
        ? [`${run}-one`]
        : []
  return ids.map((id) => ({ aggregate: 'customer', id, command: 'register', data: address }))
}

/**
 * The requests of a traffic without end. `run` is in every id, so that two runs never meet. An order's next step comes
 * a thousand requests after the one before: with fewer than a thousand in flight, never two at a time for one order.
 */
export function* requests(traffic: Traffic, run: string): Generator<Request, never> {
  for (let at = 0; ; at++) {
    const slot = at % AGGREGATES
    if (traffic === 'creates') {
      yield { aggregate: 'order', id: `${run}-${at}`, command: 'create', data: order }
    } else if (traffic === 'orders') {
      const turn = Math.floor(at / AGGREGATES)
      const step = STEPS[turn % STEPS.length] ?? STEPS[0]
      yield { aggregate: 'order', id: `${run}-${slot}-${Math.floor(turn / STEPS.length)}`, ...step }
    } else {
      const id = traffic === 'one-address' ? `${run}-one` : `${run}-${slot}`
      yield { aggregate: 'customer', id, command: 'change-address', data: address }
    }
  }
}
