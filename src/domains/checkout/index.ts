import { defineContext } from '../../index.ts'
import { purchase } from './choreography/aggregate.ts'
import { purchaseGraph } from './choreography/graph.ts'
import { purchaseProjection } from './choreography/projection.ts'
import { purchaseReactors } from './choreography/reactors.ts'
import { checkoutGraph, orderSagaGraph } from './graph.ts'
import { checkout } from './saga.ts'

/** Business transactions over the other contexts: the same purchase twice, with a saga that directs it, and with reactors alone. */
export const purchases = defineContext({
  name: 'purchases',
  aggregates: [purchase],
  projections: [purchaseProjection],
  sagas: [checkout],
  reactors: purchaseReactors,
  graph: [checkoutGraph, purchaseGraph],
  sagaGraph: orderSagaGraph,
})
