import { commandTo, defineReactor } from '../../../../index.ts'
import { product } from '../../../inventory/aggregate.ts'
import { order } from '../../../orders/aggregate.ts'
import { piecesBySku } from '../../pieces-by-sku.ts'
import { purchase } from '../aggregate.ts'
import { participantOf, purchaseOf } from '../participants.ts'
import { NOBODY, failedAt } from './failed-at.ts'

/** What happens to the stock: set aside when the order is there, released when the purchase fails. */
export const purchaseInventory = defineReactor({
  name: 'purchase-inventory',
  from: [order, purchase],
  on: {
    'order.created': {
      do: ({ aggregateId, data: { items } }) =>
        purchaseOf(aggregateId) === undefined
          ? undefined
          : piecesBySku(items).map(({ sku, quantity }) =>
              commandTo(product, sku, 'reserve', { reservationId: aggregateId, quantity }),
            ),
      ignore: [NOBODY],
      // What was set aside before the refusal is released with the rest, when the purchase has failed.
      otherwise: failedAt('reserve-items'),
    },
    'purchase.failed': {
      do: ({ aggregateId, data: { skus } }) =>
        skus.map((sku) => commandTo(product, sku, 'release', { reservationId: participantOf(aggregateId) })),
      ignore: ['RESERVATION_NOT_FOUND', 'PRODUCT_NOT_FOUND'],
    },
  },
})
