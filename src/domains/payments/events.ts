import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'

/** What the gateway calls what it did. */
const Reference = z.string()

export const PaymentAuthorized = z.object({
  orderId: Identifier,
  amount: Money,
  currency: Currency,
  /** The gateway's token for a card or an account. */
  method: z.string(),
  reference: Reference,
})
export const PaymentCaptured = z.object({ amount: Money, reference: Reference })
/** Given back; there may be several of one payment. */
export const PaymentRefunded = z.object({ amount: Money, reason: z.string(), reference: Reference })
/** Nothing is held, and nothing will be: also of a payment that was never authorized. */
export const PaymentVoided = z.object({})
