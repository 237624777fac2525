import { order } from '../../src/domains/orders/aggregate.ts'

/** What a decider reads: where an order stands. */
export type OrderState = typeof order.initial
export type OrderEvent = { type: string; data: Record<string, unknown> }

export const initialState = (): OrderState => order.initial

/**
 * The very decider that Headwater runs, after the same check of the command's data.
 * Throws an Error with the code of a refusal.
 */
export function decide(state: OrderState, id: string, command: string, data: unknown): OrderEvent[] {
  const schema = new Map(Object.entries(order.commands)).get(command)
  if (!schema) throw new Error('UNKNOWN_COMMAND')
  const context = { id, time: new Date().toISOString(), commandId: '' }
  const decision = order.decide(command, state, schema.parse(data), context)
  if ('rejected' in decision) throw new Error(decision.code)
  return [decision].flat().map((event) => ({ type: event.type, data: dataOf(event.data) }))
}

/** The order's fold; it looks at nothing of an event but its type and data. */
export function evolve(state: OrderState, { type, data }: OrderEvent): OrderState {
  return order.evolve(state, {
    id: '',
    type,
    data,
    aggregate: 'order',
    aggregateId: '',
    version: 0,
    time: '',
    correlationId: '',
    causationId: '',
    commandId: '',
  })
}

function dataOf(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? { ...data } : {}
}
