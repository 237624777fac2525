import { z } from 'zod'
import { ProductAdded, ProductReceived, Reservation } from './events.ts'

export const AddProduct = ProductAdded.extend({
  name: z.string().trim().min(1).max(200),
  stock: ProductAdded.shape.stock.default(0),
})
export const ReceiveProduct = ProductReceived
export const ReserveProduct = Reservation
export const ReleaseProduct = Reservation.pick({ reservationId: true }).extend({
  /** Also when nothing is set aside under that id: a reservation that comes later is then refused. */
  final: z.boolean().nullish(),
})
export const ShipReserved = Reservation.pick({ reservationId: true })
