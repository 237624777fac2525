import { defineFeed } from '../../index.ts'
import { payment } from './aggregate.ts'

/** What others may know of a payment: what happened to how much, for which order. With what it was paid stays here. */
export const paymentFeed = defineFeed({
  from: payment,
  publish: {
    'payment.authorized': {
      data: ({ data: { orderId, amount, currency } }) => ({ orderId, amount, currency }),
    },
    'payment.captured': { data: ({ data: { amount } }) => ({ amount }) },
    'payment.refunded': { data: ({ data: { amount, reason } }) => ({ amount, reason }) },
    'payment.voided': true,
  },
})
