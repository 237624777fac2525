import { commandTo, defineReactor } from '../../../../index.ts'
import { order } from '../../../orders/aggregate.ts'
import { payment } from '../../../payments/aggregate.ts'
import { purchase } from '../aggregate.ts'
import { participantOf, purchaseOf } from '../participants.ts'
import { NOBODY, failedAt } from './failed-at.ts'
import { REASON } from './reason.ts'

const captureFailed = failedAt('capture-payment')

/** What happens to the money: authorized when all is set aside, captured when the order is confirmed; given back when it fails. */
export const purchasePayments = defineReactor({
  name: 'purchase-payments',
  from: [purchase, order],
  on: {
    'purchase.reserved': {
      do: ({ aggregateId, data: { amount, currency, method } }) => {
        const id = participantOf(aggregateId)
        return commandTo(payment, id, 'authorize', { orderId: id, amount, currency, method })
      },
      otherwise: failedAt('authorize-payment'),
    },
    'order.confirmed': {
      do: ({ aggregateId }) =>
        purchaseOf(aggregateId) === undefined ? undefined : commandTo(payment, aggregateId, 'capture', {}),
      ignore: [NOBODY],
      // A confirmed order is not taken back because the gateway does not want to pay: that is parked, for a person.
      otherwise: (event, refusal) =>
        refusal.code === 'PAYMENT_ALREADY_VOIDED' || refusal.code === 'PAYMENT_NOT_FOUND'
          ? captureFailed(event, refusal)
          : undefined,
    },
    'purchase.failed': {
      do: ({ aggregateId }) => commandTo(payment, participantOf(aggregateId), 'void', {}),
      otherwise: ({ aggregateId }, { code }) =>
        code === 'PAYMENT_ALREADY_CAPTURED'
          ? commandTo(payment, participantOf(aggregateId), 'refund', { reason: REASON })
          : undefined,
    },
  },
})
