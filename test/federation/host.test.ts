import { expect, it } from 'vitest'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { defineContext } from '../../src/index.ts'
import { hostOf, ownSubgraphs } from '../../src/runtime/federation/own-subgraphs.ts'

const orders = defineContext({
  name: 'orders',
  aggregates: [order],
  projections: [orderProjection],
  graph: orderGraph,
})
const hidden = (name: string) => defineContext({ name, aggregates: [customer], projections: [] })

it('the subscription to bare events is in the first context that has a graph', () => {
  const subgraphs = ownSubgraphs([hidden('archive'), orders])
  expect(subgraphs.get('orders')?.sdl).toContain('eventsOf(aggregate: String!, id: ID, after: Cursor')
  expect(subgraphs.get('archive')?.sdl).not.toContain('LoggedEvent')
})

it('where none has a graph it is in the first of all', () => {
  expect(hostOf([hidden('later'), hidden('archive')])).toBe('archive')
})
