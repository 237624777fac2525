import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'

export const OrderItem = z.object({
  sku: Identifier,
  quantity: z.int().min(1).max(1_000_000),
  unitPrice: Money,
})

export const OrderCreated = z.object({
  customerId: Identifier,
  currency: Currency,
  items: z.array(OrderItem).min(1),
  shippingCost: Money,
  /** Σ quantity × unitPrice + shippingCost */
  total: z.string(),
})

export const OrderConfirmed = z.object({})
export const OrderShipped = z.object({ carrier: z.string(), trackingNumber: z.string() })
export const OrderDelivered = z.object({})
export const OrderCancelled = z.object({ reason: z.string() })
