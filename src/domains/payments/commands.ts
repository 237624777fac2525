import { z } from 'zod'
import { Money } from '../money.ts'
import { PaymentAuthorized } from './events.ts'

const Amount = Money.regex(/[1-9]/, 'must be more than 0.00')

/** The log keeps it for ever, so a card number must not get there. */
const Method = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, "must be the gateway's token: 1 to 128 characters out of A-Z a-z 0-9 _ -")
  .regex(/^(?!(?:\d[-_]?){12,19}$)/, 'must be a token of the gateway, not the number of a card')

export const AuthorizePayment = PaymentAuthorized.pick({ orderId: true, currency: true }).extend({
  amount: Amount,
  method: Method,
})
export const CapturePayment = z.object({})
export const RefundPayment = z.object({
  /** All that is left unless given. */
  amount: Amount.optional(),
  reason: z.string().trim().min(1).max(500),
})
export const VoidPayment = z.object({})
