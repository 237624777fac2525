import { purchaseInventory } from './reactors/inventory.ts'
import { purchaseOrders } from './reactors/orders.ts'
import { purchasePayments } from './reactors/payments.ts'
import { purchaseProgress } from './reactors/progress.ts'
import { purchaseShipping } from './reactors/shipping.ts'

/** All that makes a purchase go on: each knows a few events and commands, none the whole. */
export const purchaseReactors = [
  purchaseOrders,
  purchaseInventory,
  purchasePayments,
  purchaseShipping,
  purchaseProgress,
]
