import { z } from 'zod'
import { Address, ShipmentCreated, ShipmentItem } from './events.ts'

const Text = z.string().trim().min(1).max(200)
/** In GraphQL what is not given inside an input may come as null. */
const maybe = (text: z.ZodString) => text.nullish().transform((given) => given ?? undefined)

export const CreateShipment = ShipmentCreated.extend({
  address: Address.extend({
    name: maybe(Text),
    street: maybe(Text),
    city: Text,
    state: maybe(Text),
    postalCode: Text.max(20),
    country: maybe(z.string().regex(/^[A-Z]{2}$/, 'must be a country code, such as "PT"')),
  }),
  items: z.array(ShipmentItem).min(1).max(1000),
})
export const DispatchShipment = z.object({
  carrier: Text.default('standard'),
  /** The shipment's id unless given. */
  trackingNumber: Text.optional(),
})
export const DeliverShipment = z.object({})
export const CancelShipment = z.object({ reason: Text.max(500).optional() })
