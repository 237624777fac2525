import { defineContext } from '../../index.ts'
import { product } from './aggregate.ts'
import { productFeed } from './feed.ts'
import { productGraph } from './graph.ts'
import { productProjection } from './projection.ts'

/** What there is of every product, and for whom it is set aside. */
export const inventory = defineContext({
  name: 'inventory',
  aggregates: [product],
  projections: [productProjection],
  graph: productGraph,
  feed: productFeed,
})
