import { defineContext } from '../index.ts'
import { purchase } from './checkout/choreography/aggregate.ts'
import { purchaseGraph } from './checkout/choreography/graph.ts'
import { purchaseProjection } from './checkout/choreography/projection.ts'
import { purchaseReactors } from './checkout/choreography/reactors.ts'
import { checkoutGraph, orderSagaGraph } from './checkout/graph.ts'
import { checkout } from './checkout/saga.ts'
import { complianceContext } from './compliance/context.ts'
import { customer } from './customers/aggregate.ts'
import { customerFeed } from './customers/feed.ts'
import { customerGraph } from './customers/graph.ts'
import { customerProjection } from './customers/projection.ts'
import { product } from './inventory/aggregate.ts'
import { productFeed } from './inventory/feed.ts'
import { productGraph } from './inventory/graph.ts'
import { productProjection } from './inventory/projection.ts'
import { account } from './ledger/aggregate.ts'
import { accountFeed } from './ledger/feed.ts'
import { accountGraph } from './ledger/graph.ts'
import { accountProjection } from './ledger/projection.ts'
import { transferProjection } from './ledger/transfer-projection.ts'
import { transfer } from './ledger/transfer.ts'
import { order } from './orders/aggregate.ts'
import { customerSummaryGraph } from './orders/customer-summary-graph.ts'
import { customerSummaryProjection } from './orders/customer-summary-projection.ts'
import { dailySalesGraph } from './orders/daily-sales-graph.ts'
import { dailySalesProjection } from './orders/daily-sales-projection.ts'
import { orderFeed } from './orders/feed.ts'
import { orderGraph } from './orders/graph.ts'
import { orderProjection } from './orders/projection.ts'
import { payment } from './payments/aggregate.ts'
import { paymentFeed } from './payments/feed.ts'
import { paymentGraph } from './payments/graph.ts'
import { paymentProjection } from './payments/projection.ts'
import { shipment } from './shipping/aggregate.ts'
import { shipmentFeed } from './shipping/feed.ts'
import { shipmentGraph } from './shipping/graph.ts'
import { shipmentProjection } from './shipping/projection.ts'

/** The commerce domain, context by context: what `headwater start` serves unless told otherwise. */
export const orders = defineContext({
  name: 'orders',
  aggregates: [order],
  projections: [orderProjection, customerSummaryProjection, dailySalesProjection],
  graph: [orderGraph, customerSummaryGraph, dailySalesGraph],
  feed: orderFeed,
})

export const customers = defineContext({
  name: 'customers',
  aggregates: [customer],
  projections: [customerProjection],
  graph: customerGraph,
  feed: customerFeed,
})

export const inventory = defineContext({
  name: 'inventory',
  aggregates: [product],
  projections: [productProjection],
  graph: productGraph,
  feed: productFeed,
})

/** Through the test gateway: `paymentsContext({ gateway })` makes one that moves money. */
export const payments = defineContext({
  name: 'payments',
  aggregates: [payment],
  projections: [paymentProjection],
  graph: paymentGraph,
  feed: paymentFeed,
})

export const shipping = defineContext({
  name: 'shipping',
  aggregates: [shipment],
  projections: [shipmentProjection],
  graph: shipmentGraph,
  feed: shipmentFeed,
})

export const ledger = defineContext({
  name: 'ledger',
  aggregates: [account],
  transactions: [transfer],
  projections: [accountProjection, transferProjection],
  graph: accountGraph,
  feed: accountFeed,
})

/** With another limit: `complianceContext({ limit })`. */
export const compliance = complianceContext({ limit: '10000.00' })

/** Business transactions over the contexts before: the same purchase twice, with a saga that directs it, and with reactors alone. */
export const purchases = defineContext({
  name: 'purchases',
  aggregates: [purchase],
  projections: [purchaseProjection],
  sagas: [checkout],
  reactors: purchaseReactors,
  graph: [checkoutGraph, purchaseGraph],
  sagaGraph: orderSagaGraph,
})

export { complianceContext } from './compliance/context.ts'
export { paymentsContext } from './payments/context.ts'
export type { PaymentGateway } from './payments/gateway.ts'
export { createTestGateway } from './payments/test-gateway.ts'
