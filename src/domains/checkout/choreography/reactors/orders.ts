import { commandTo, defineReactor } from '../../../../index.ts'
import { order } from '../../../orders/aggregate.ts'
import { shipment } from '../../../shipping/aggregate.ts'
import { purchase } from '../aggregate.ts'
import { participantOf, purchaseOf } from '../participants.ts'
import { NOBODY, failedAt } from './failed-at.ts'

/** What happens to the order: made when the purchase is placed, confirmed when the shipment is there; cancelled when it fails. */
export const purchaseOrders = defineReactor({
  name: 'purchase-orders',
  from: [purchase, shipment],
  on: {
    'purchase.placed': {
      do: ({ aggregateId, data: { customerId, currency, items, shippingCost } }) =>
        commandTo(order, participantOf(aggregateId), 'create', { customerId, currency, items, shippingCost }),
      otherwise: failedAt('create-order'),
    },
    'shipment.created': {
      do: ({ aggregateId }) =>
        purchaseOf(aggregateId) === undefined ? undefined : commandTo(order, aggregateId, 'confirm', {}),
      ignore: ['ORDER_ALREADY_CONFIRMED', NOBODY],
      otherwise: failedAt('confirm-order'),
    },
    'purchase.failed': {
      do: ({ aggregateId, data: { code } }) =>
        commandTo(order, participantOf(aggregateId), 'cancel', { reason: `the purchase failed: ${code}` }),
      ignore: ['ORDER_NOT_FOUND', 'ORDER_ALREADY_CANCELLED'],
    },
  },
})
