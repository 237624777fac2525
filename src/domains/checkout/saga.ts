import { commandTo, defineSaga } from '../../index.ts'
import { product } from '../inventory/aggregate.ts'
import { order } from '../orders/aggregate.ts'
import { totalOf } from '../orders/total.ts'
import { payment } from '../payments/aggregate.ts'
import { shipment } from '../shipping/aggregate.ts'
import { Checkout } from './input.ts'
import { piecesBySku } from './pieces-by-sku.ts'

const CANCELLED = 'the checkout was undone'

/**
 * Buys what is in a basket: an order, stock set aside, money authorized, a shipment; then the order is confirmed, and from there
 * on the money is taken whatever happens. The order, its payment and its shipment have the id of the saga.
 *
 * Out of stock, a declined payment or an address that nobody serves undo what went before.
 */
export const checkout = defineSaga({
  name: 'checkout',
  version: 1,
  input: Checkout,
  steps: [
    {
      name: 'create-order',
      invoke: ({ id, input: { customerId, currency, items, shippingCost } }) =>
        commandTo(order, id, 'create', { customerId, currency, items, shippingCost }),
      compensate: ({ id }) => commandTo(order, id, 'cancel', { reason: CANCELLED }),
      ignore: ['ORDER_NOT_FOUND', 'ORDER_ALREADY_CANCELLED'],
    },
    {
      name: 'reserve-items',
      invoke: ({ id, input: { items } }) =>
        piecesBySku(items).map(({ sku, quantity }) =>
          commandTo(product, sku, 'reserve', { reservationId: id, quantity }),
        ),
      compensate: ({ id, input: { items } }) =>
        piecesBySku(items).map(({ sku }) =>
          commandTo(product, sku, 'release', { reservationId: id, final: true }),
        ),
      // That there is no such product may be why the step has failed.
      ignore: ['PRODUCT_NOT_FOUND'],
    },
    {
      name: 'authorize-payment',
      invoke: ({ id, input: { currency, items, shippingCost, method } }) =>
        commandTo(payment, id, 'authorize', {
          orderId: id,
          amount: totalOf(items, shippingCost),
          currency,
          method,
        }),
      compensate: ({ id }) => commandTo(payment, id, 'void', {}),
    },
    {
      name: 'create-shipment',
      invoke: ({ id, input: { items, address } }) =>
        commandTo(shipment, id, 'create', { orderId: id, address, items: piecesBySku(items) }),
      compensate: ({ id }) => commandTo(shipment, id, 'cancel', { reason: CANCELLED }),
      ignore: ['SHIPMENT_NOT_FOUND'],
    },
    { name: 'confirm-order', invoke: ({ id }) => commandTo(order, id, 'confirm', {}), pivot: true },
    { name: 'capture-payment', invoke: ({ id }) => commandTo(payment, id, 'capture', {}) },
  ],
})
