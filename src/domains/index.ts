import { defineContext } from '../index.ts'
import { customer } from './customers/aggregate.ts'
import { customerGraph } from './customers/graph.ts'
import { customerProjection } from './customers/projection.ts'
import { product } from './inventory/aggregate.ts'
import { productGraph } from './inventory/graph.ts'
import { productProjection } from './inventory/projection.ts'
import { order } from './orders/aggregate.ts'
import { customerSummaryGraph } from './orders/customer-summary-graph.ts'
import { customerSummaryProjection } from './orders/customer-summary-projection.ts'
import { dailySalesGraph } from './orders/daily-sales-graph.ts'
import { dailySalesProjection } from './orders/daily-sales-projection.ts'
import { orderGraph } from './orders/graph.ts'
import { orderProjection } from './orders/projection.ts'

/** The commerce domain, context by context: what `headwater start` serves unless told otherwise. */
export const orders = defineContext({
  name: 'orders',
  aggregates: [order],
  projections: [orderProjection, customerSummaryProjection, dailySalesProjection],
  graph: [orderGraph, customerSummaryGraph, dailySalesGraph],
})

export const customers = defineContext({
  name: 'customers',
  aggregates: [customer],
  projections: [customerProjection],
  graph: customerGraph,
})

export const inventory = defineContext({
  name: 'inventory',
  aggregates: [product],
  projections: [productProjection],
  graph: productGraph,
})
