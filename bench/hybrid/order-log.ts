import { randomUUID } from 'node:crypto'
import { decideGroup } from '../../src/commands/actor/decide-group.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { config } from '../support/service-parts.ts'

/** The life of every order, a commit a step. */
const STEPS = [
  {
    name: 'create',
    data: {
      currency: 'BRL',
      items: [{ sku: 'sku-1', quantity: 2, unitPrice: '49.90' }],
      shippingCost: '12.50',
    },
  },
  { name: 'confirm', data: {} },
  { name: 'ship', data: { carrier: 'correios', trackingNumber: 'BR123456789' } },
  { name: 'deliver', data: {} },
] as const

export const COMMITS_PER_ORDER = STEPS.length
/** The history that each order has, and what it comes to, as the graph shows them. */
export const STEPS_TAKEN = ['CREATED', 'CONFIRMED', 'SHIPPED', 'DELIVERED']
export const TOTAL = '112.30'

export const orderId = (at: number) => `o-${at}`

const EPOCH = Date.parse('2026-01-01T00:00:00.000Z')
/** When an order took a step. */
export const timeOf = (at: number, step: number) => new Date(EPOCH + at * 1009 + step * 60_013).toISOString()

const source = `/${config.namespace}/orders/order`
const states: unknown[] = [order.initial]

/**
 * The events of an order's commit, as the command path writes them: decided by the aggregate, and encoded by its schemas.
 * A step's state is that of any order that has come so far.
 */
export function commitOf(at: number, step: number): CloudEvent[] {
  const command = STEPS[step]
  if (!command) throw new RangeError(`An order has ${STEPS.length} steps; there is no step ${step}`)
  const commandId = randomUUID()
  const id = orderId(at)
  const decision = decideGroup(
    order,
    { source, id, state: states[step], version: step },
    [
      {
        aggregate: order.name,
        id,
        name: command.name,
        data: step === 0 ? { ...command.data, customerId: `c-${at % 10_000}` } : command.data,
        bytes: 0,
        commandId,
        correlationId: commandId,
        causationId: commandId,
        expectedVersion: undefined,
        time: timeOf(at, step),
        traceparent: undefined,
      },
    ],
    (error) => {
      throw error
    },
  )
  states[step + 1] ??= decision.state
  if (decision.events.length !== 1) throw new Error(`${command.name} was refused for the order ${id}`)
  return decision.events
}
