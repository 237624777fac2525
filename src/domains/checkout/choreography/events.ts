import { z } from 'zod'
import { Identifier } from '../../identifier.ts'
import { Currency, Money } from '../../money.ts'
import { OrderItem } from '../../orders/events.ts'
import { Address, ShipmentItem } from '../../shipping/events.ts'

/** What a purchase can fail at, in this order. */
export const STEPS = [
  'create-order',
  'reserve-items',
  'authorize-payment',
  'create-shipment',
  'confirm-order',
  'capture-payment',
] as const

/** Everything that is known from the beginning: no event of a participant says it again. */
export const PurchasePlaced = z.object({
  customerId: Identifier,
  currency: Currency,
  items: z.array(OrderItem).min(1),
  shippingCost: Money,
  method: z.string(),
  address: Address,
  /** Σ quantity × unitPrice + shippingCost */
  total: z.string(),
})

/** One of its products is set aside: how many pieces of it, in all lines together. */
export const PurchaseItemReserved = ShipmentItem

/** All are set aside. It says what whoever takes the money needs to know. */
export const PurchaseReserved = z.object({ amount: z.string(), currency: Currency, method: z.string() })

/** The money is there. It says what whoever sends the goods needs to know. */
export const PurchaseAuthorized = z.object({ address: Address, items: z.array(ShipmentItem).min(1) })

export const PurchaseCompleted = z.object({})

/** A step was refused, with this code: whatever there is of the purchase is to be undone. */
export const PurchaseFailed = z.object({
  step: z.enum(STEPS),
  code: z.string(),
  detail: z.string(),
  /** What may be set aside. */
  skus: z.array(Identifier).min(1),
})
