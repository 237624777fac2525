import { z } from 'zod'
import { Identifier } from '../identifier.ts'

export const ShipmentItem = z.object({ sku: Identifier, quantity: z.int().min(1).max(1_000_000) })

/** Where it goes to. */
export const Address = z.object({
  name: z.string().optional(),
  street: z.string().optional(),
  city: z.string(),
  state: z.string().optional(),
  postalCode: z.string(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().optional(),
})

export const ShipmentCreated = z.object({
  orderId: Identifier,
  address: Address,
  items: z.array(ShipmentItem).min(1),
})
export const ShipmentDispatched = z.object({ carrier: z.string(), trackingNumber: z.string() })
export const ShipmentDelivered = z.object({})
/** It is not sent, and never will be: also of a shipment that was not created. */
export const ShipmentCancelled = z.object({ reason: z.string().optional() })
