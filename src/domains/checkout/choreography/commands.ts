import { z } from 'zod'
import { PaymentAuthorized } from '../../payments/events.ts'
import { ShipmentItem } from '../../shipping/events.ts'
import { Checkout } from '../input.ts'
import { PurchaseFailed } from './events.ts'

/** The input of the saga that does the same. */
export const PlacePurchase = Checkout

// What follows is told by reactors: what has happened elsewhere.
export const NoteReserved = ShipmentItem
export const NoteAuthorized = PaymentAuthorized.pick({ amount: true, currency: true })
export const CompletePurchase = z.object({})

const Text = z.string().trim().min(1)
export const FailPurchase = PurchaseFailed.pick({ step: true }).extend({
  code: Text.max(200),
  detail: Text.max(1000),
})
