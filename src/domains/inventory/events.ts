import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'

/** The most pieces of a product that there can be: what an `Int` of GraphQL, and of PostgreSQL, holds. */
export const MOST_STOCK = 2_147_483_647

/** Pieces set aside under an id that whoever reserves makes up, such as the id of the order. */
export const Reservation = z.object({
  reservationId: Identifier,
  quantity: z.int().min(1).max(1_000_000),
})

export const ProductAdded = z.object({
  name: z.string(),
  price: Money,
  currency: Currency,
  stock: z.int().min(0).max(MOST_STOCK),
})
export const ProductReceived = z.object({ quantity: z.int().min(1).max(MOST_STOCK) })
export const ProductReserved = Reservation
/** What was set aside is available again; 0 of what was not set aside, and will not be any more. */
export const ProductReleased = Reservation.extend({ quantity: z.int().min(0).max(1_000_000) })
/** What was set aside has left the house. */
export const ProductShipped = Reservation
