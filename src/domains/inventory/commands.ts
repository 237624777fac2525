import { z } from 'zod'
import { ProductAdded, ProductReceived, Reservation } from './events.ts'

export const AddProduct = ProductAdded.extend({
  name: z.string().trim().min(1).max(200),
  stock: ProductAdded.shape.stock.default(0),
})
export const ReceiveProduct = ProductReceived
export const ReserveProduct = Reservation
export const ReleaseProduct = Reservation.pick({ reservationId: true })
export const ShipReserved = Reservation.pick({ reservationId: true })
