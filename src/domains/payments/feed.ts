import { defineFeed } from '../../index.ts'
import { payment } from './aggregate.ts'
import { PaymentAuthorized, PaymentCaptured, PaymentRefunded } from './events.ts'

/** What others may know of a payment: what happened to how much, for which order. With what it was paid stays here. */
export const paymentFeed = defineFeed({
  from: payment,
  publish: {
    'payment.authorized': {
      data: ({ data: { orderId, amount, currency } }) => ({ orderId, amount, currency }),
      schema: PaymentAuthorized.pick({ orderId: true, amount: true, currency: true }),
    },
    'payment.captured': {
      data: ({ data: { amount } }) => ({ amount }),
      schema: PaymentCaptured.pick({ amount: true }),
    },
    'payment.refunded': {
      data: ({ data: { amount, reason } }) => ({ amount, reason }),
      schema: PaymentRefunded.pick({ amount: true, reason: true }),
    },
    'payment.voided': true,
  },
})
