import { defineContext } from '../../index.ts'
import { order } from './aggregate.ts'
import { customerSummaryGraph } from './customer-summary-graph.ts'
import { customerSummaryProjection } from './customer-summary-projection.ts'
import { dailySalesGraph } from './daily-sales-graph.ts'
import { dailySalesProjection } from './daily-sales-projection.ts'
import { orderFeed } from './feed.ts'
import { orderGraph } from './graph.ts'
import { orderProjection } from './projection.ts'

/** What is bought; and what that comes to, by customer and by day. */
export const orders = defineContext({
  name: 'orders',
  aggregates: [order],
  projections: [orderProjection, customerSummaryProjection, dailySalesProjection],
  graph: [orderGraph, customerSummaryGraph, dailySalesGraph],
  feed: orderFeed,
})
