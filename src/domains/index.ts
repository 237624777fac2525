import { defineContext } from '../index.ts'
import { customer } from './customers/aggregate.ts'
import { customerGraph } from './customers/graph.ts'
import { customerProjection } from './customers/projection.ts'
import { order } from './orders/aggregate.ts'
import { orderGraph } from './orders/graph.ts'
import { orderProjection } from './orders/projection.ts'

/** The commerce domain, context by context: what `headwater start` serves unless told otherwise. */
export const orders = defineContext({
  name: 'orders',
  aggregates: [order],
  projections: [orderProjection],
  graph: orderGraph,
})

export const customers = defineContext({
  name: 'customers',
  aggregates: [customer],
  projections: [customerProjection],
  graph: customerGraph,
})
