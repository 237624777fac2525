import { CreateOrder } from '../orders/commands.ts'
import { AuthorizePayment } from '../payments/commands.ts'
import { CreateShipment } from '../shipping/commands.ts'

/** What a checkout is started with: an order, what it is paid with, and where it goes to. */
export const Checkout = CreateOrder.extend({
  method: AuthorizePayment.shape.method,
  address: CreateShipment.shape.address,
})
