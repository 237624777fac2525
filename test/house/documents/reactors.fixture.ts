// What docs/reactors.md takes for granted.
import { defineAggregate, z } from '../../../src/index.ts'

const Knock = z.object({ at: z.string() })

export const door = defineAggregate({
  name: 'door',
  events: { 'door.knocked': Knock },
  commands: { knock: Knock },
  initial: {},
  decide: { knock: (_, data) => ({ type: 'door.knocked', data }) },
  evolve: { 'door.knocked': (state) => state },
})

export const bell = defineAggregate({
  name: 'bell',
  events: { 'bell.rung': Knock },
  commands: { ring: Knock },
  initial: {},
  decide: { ring: (_, data) => ({ type: 'bell.rung', data }) },
  evolve: { 'bell.rung': (state) => state },
})

const Failure = z.object({ code: z.string(), detail: z.string() })

export const purchase = defineAggregate({
  name: 'purchase',
  events: { 'purchase.failed': Failure },
  commands: { fail: Failure },
  initial: {},
  decide: { fail: (_, data) => ({ type: 'purchase.failed', data }) },
  evolve: { 'purchase.failed': (state) => state },
})

export { order } from '../../../src/domains/orders/aggregate.ts'
export { product } from '../../../src/domains/inventory/aggregate.ts'
