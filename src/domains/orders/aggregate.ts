import { defineAggregate, reject } from '../../index.ts'
import { CancelOrder, ConfirmOrder, CreateOrder, DeliverOrder, ShipOrder } from './commands.ts'
import { OrderCancelled, OrderConfirmed, OrderCreated, OrderDelivered, OrderShipped } from './events.ts'
import { totalOf } from './total.ts'

type Status = 'none' | 'created' | 'confirmed' | 'shipped' | 'delivered' | 'cancelled'

interface OrderState {
  status: Status
}
const initial: OrderState = { status: 'none' }

/** created → confirmed → shipped → delivered; cancelled only before it is shipped. */
export const order = defineAggregate({
  name: 'order',
  events: {
    'order.created': OrderCreated,
    'order.confirmed': OrderConfirmed,
    'order.shipped': OrderShipped,
    'order.delivered': OrderDelivered,
    'order.cancelled': OrderCancelled,
  },
  commands: {
    create: CreateOrder,
    confirm: ConfirmOrder,
    ship: ShipOrder,
    deliver: DeliverOrder,
    cancel: CancelOrder,
  },
  initial,
  decide: {
    create: ({ status }, { customerId, currency, items, shippingCost }, { id }) =>
      status === 'none'
        ? {
            type: 'order.created',
            data: { customerId, currency, items, shippingCost, total: totalOf(items, shippingCost) },
          }
        : reject('ORDER_ALREADY_EXISTS', `The order ${id} exists already`, 409),
    confirm: ({ status }, _, { id }) =>
      status === 'created' ? { type: 'order.confirmed', data: {} } : refuse(id, status, 'confirmed'),
    ship: ({ status }, data, { id }) =>
      status === 'confirmed' ? { type: 'order.shipped', data } : refuse(id, status, 'shipped'),
    deliver: ({ status }, _, { id }) =>
      status === 'shipped' ? { type: 'order.delivered', data: {} } : refuse(id, status, 'delivered'),
    cancel: ({ status }, data, { id }) =>
      status === 'created' || status === 'confirmed'
        ? { type: 'order.cancelled', data }
        : refuse(id, status, 'cancelled'),
  },
  evolve: {
    'order.created': (state) => ({ ...state, status: 'created' }),
    'order.confirmed': (state) => ({ ...state, status: 'confirmed' }),
    'order.shipped': (state) => ({ ...state, status: 'shipped' }),
    'order.delivered': (state) => ({ ...state, status: 'delivered' }),
    'order.cancelled': (state) => ({ ...state, status: 'cancelled' }),
  },
})

/** The status that has to come before: what an order lacks when it has not come so far yet. */
const REQUIRED = {
  confirmed: 'created',
  shipped: 'confirmed',
  delivered: 'shipped',
  cancelled: 'created',
} as const

/** Why an order in this status cannot take the step: it is not there, it has been there already, or it is not so far. */
function refuse(id: string, status: Status, step: keyof typeof REQUIRED) {
  if (status === 'none') return reject('ORDER_NOT_FOUND', `There is no order ${id}`, 404)
  const tooEarly =
    (step === 'shipped' && status === 'created') ||
    (step === 'delivered' && (status === 'created' || status === 'confirmed'))
  return tooEarly
    ? reject(
        `ORDER_NOT_${REQUIRED[step].toUpperCase()}`,
        `The order ${id} is ${status}; it cannot be ${step} before it is ${REQUIRED[step]}`,
      )
    : reject(`ORDER_ALREADY_${status.toUpperCase()}`, `The order ${id} is ${status} and cannot be ${step}`)
}
