import { defineContext } from '../../index.ts'
import { shipment } from './aggregate.ts'
import { shipmentFeed } from './feed.ts'
import { shipmentGraph } from './graph.ts'
import { shipmentProjection } from './projection.ts'

/** How what was bought gets to whoever bought it. */
export const shipping = defineContext({
  name: 'shipping',
  aggregates: [shipment],
  projections: [shipmentProjection],
  graph: shipmentGraph,
  feed: shipmentFeed,
})
