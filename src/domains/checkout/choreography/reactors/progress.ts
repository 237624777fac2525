import { commandTo, defineReactor } from '../../../../index.ts'
import { product } from '../../../inventory/aggregate.ts'
import { payment } from '../../../payments/aggregate.ts'
import { purchase } from '../aggregate.ts'
import { purchaseOf } from '../participants.ts'
import { REASON } from './reason.ts'

/**
 * Tells the purchase how far it has come. When it does not want to know, because it has failed, is about something else, or is not
 * there, what has happened is undone here: it came too late for whoever undoes the rest.
 */
export const purchaseProgress = defineReactor({
  name: 'purchase-progress',
  from: [product, payment],
  // All purchases of a product are in its log: none waits for another.
  order: 'none',
  on: {
    'product.reserved': {
      do: ({ aggregateId: sku, data: { reservationId, quantity } }) => {
        const id = purchaseOf(reservationId)
        return id === undefined ? undefined : commandTo(purchase, id, 'note-reserved', { sku, quantity })
      },
      ignore: ['RESERVATION_NOT_FOUND'],
      otherwise: ({ aggregateId: sku, data: { reservationId } }) =>
        commandTo(product, sku, 'release', { reservationId }),
    },
    'payment.authorized': {
      do: ({ aggregateId, data: { amount, currency } }) => {
        const id = purchaseOf(aggregateId)
        return id === undefined ? undefined : commandTo(purchase, id, 'note-authorized', { amount, currency })
      },
      otherwise: ({ aggregateId }) => commandTo(payment, aggregateId, 'void', {}),
    },
    'payment.captured': {
      do: ({ aggregateId }) => {
        const id = purchaseOf(aggregateId)
        return id === undefined ? undefined : commandTo(purchase, id, 'complete', {})
      },
      // Somebody has taken money by hand where it was too early, or there is nothing to pay: he has to say what it was for.
      otherwise: ({ aggregateId }, { code }) =>
        code === 'PURCHASE_FAILED'
          ? commandTo(payment, aggregateId, 'refund', { reason: REASON })
          : undefined,
    },
  },
})
