import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'
import { OrderItem } from './events.ts'

const Text = z.string().trim().min(1).max(500)

export const CreateOrder = z.object({
  customerId: Identifier,
  currency: Currency,
  items: z.array(OrderItem).min(1).max(1000),
  shippingCost: Money.default('0.00'),
})
export const ConfirmOrder = z.object({})
export const ShipOrder = z.object({ carrier: Text, trackingNumber: Text })
export const DeliverOrder = z.object({})
export const CancelOrder = z.object({ reason: Text })
