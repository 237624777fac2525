import { defineContext } from '../../index.ts'
import { customer } from './aggregate.ts'
import { customerFeed } from './feed.ts'
import { customerGraph } from './graph.ts'
import { customerProjection } from './projection.ts'

/** Who buys, and where they live. */
export const customers = defineContext({
  name: 'customers',
  aggregates: [customer],
  projections: [customerProjection],
  graph: customerGraph,
  feed: customerFeed,
})
