import { describe, expect, expectTypeOf, it } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { commandTo, defineAggregate, defineSaga, defineTransaction, reject, z } from '../../src/index.ts'
import { given } from '../../src/testing/index.ts'

// What an author of a domain is told by the compiler, with no cast and no generic of his own.

const Put = z.object({ sku: z.string(), quantity: z.int().default(1) })
const events = { 'shelf.put': Put, 'shelf.cleared': z.object({}) }
const commands = { put: Put, clear: z.object({ why: z.string() }) }
const evolve = {
  'shelf.put': (state: { pieces: number }, { data }: { data: { quantity: number } }) => ({
    pieces: state.pieces + data.quantity,
  }),
  'shelf.cleared': () => ({ pieces: 0 }),
}

describe('the author of an aggregate', () => {
  const shelf = defineAggregate({
    name: 'shelf',
    events,
    commands,
    initial: { pieces: 0 },
    decide: {
      put: (state, data, { id, time }) => {
        expectTypeOf(state).toEqualTypeOf<{ pieces: number }>()
        // What the schema makes of it: a default is there.
        expectTypeOf(data).toEqualTypeOf<{ sku: string; quantity: number }>()
        expectTypeOf(id).toEqualTypeOf<string>()
        expectTypeOf(time).toEqualTypeOf<string>()
        return state.pieces > 9 ? reject('SHELF_FULL', 'It is full') : { type: 'shelf.put', data }
      },
      clear: ({ pieces }, { why }) => {
        expectTypeOf(why).toEqualTypeOf<string>()
        return pieces === 0 ? [] : [{ type: 'shelf.cleared', data: {} }]
      },
    },
    evolve: {
      'shelf.put': (state, { data, type, aggregateId, version }) => {
        expectTypeOf(state).toEqualTypeOf<{ pieces: number }>()
        expectTypeOf(data).toEqualTypeOf<{ sku: string; quantity: number }>()
        expectTypeOf(type).toEqualTypeOf<'shelf.put'>()
        expectTypeOf(aggregateId).toEqualTypeOf<string>()
        expectTypeOf(version).toEqualTypeOf<number>()
        return { pieces: state.pieces + data.quantity }
      },
      'shelf.cleared': () => ({ pieces: 0 }),
    },
  })

  it('gets state, commands and events', () => {
    given(shelf)
      .when('put', { sku: 'tea' })
      .thenEvents({ type: 'shelf.put', data: { sku: 'tea', quantity: 1 } })
    given(shelf).when('clear', { why: 'moved' }).thenNothing()
  })

  it('is told of what does not fit', () => {
    const definition = { name: 'shelf', events, commands, initial: { pieces: 0 } }
    const clear = () => []
    const other = () =>
      defineAggregate({
        ...definition,
        // @ts-expect-error there is no such event
        decide: { clear, put: () => ({ type: 'shelf.lost', data: { sku: 'tea', quantity: 1 } }) },
        evolve,
      })
    const data = () =>
      defineAggregate({
        ...definition,
        // @ts-expect-error that event has other data
        decide: { clear, put: () => ({ type: 'shelf.put', data: {} }) },
        evolve,
      })
    const undecided = () =>
      defineAggregate({
        ...definition,
        // @ts-expect-error a command is not decided
        decide: { clear },
        evolve,
      })
    const unfolded = () =>
      defineAggregate({
        ...definition,
        decide: { clear, put: () => [] },
        // @ts-expect-error an event is not folded
        evolve: { 'shelf.put': evolve['shelf.put'] },
      })
    // @ts-expect-error 42 is no text
    const wrongData = () => given(shelf).when('put', { sku: 42 })
    // @ts-expect-error there is no such command
    const noCommand = () => given(shelf).when('paint', {})
    expect([other, data, undecided, unfolded, wrongData, noCommand]).toHaveLength(6)
  })

  it('keeps the literals of a state that has more than one shape', () => {
    interface State {
      status: 'none' | 'lit' | 'out'
    }
    const none: State = { status: 'none' }
    const lamp = defineAggregate({
      name: 'lamp',
      events: { 'lamp.lit': z.object({}), 'lamp.out': z.object({}) },
      commands: { toggle: z.object({}) },
      initial: none,
      decide: {
        toggle: ({ status }) => ({ type: status === 'lit' ? 'lamp.out' : 'lamp.lit', data: {} }),
      },
      evolve: {
        'lamp.lit': (state) => ({ ...state, status: 'lit' }),
        'lamp.out': (state) => ({ ...state, status: 'out' }),
      },
    })
    expectTypeOf(lamp.initial).toEqualTypeOf<State>()
    given(lamp, { type: 'lamp.lit', data: {} }).when('toggle').thenEvents({ type: 'lamp.out', data: {} })
  })

  it('addresses commands with their data', () => {
    expect(commandTo(shelf, 's-1', 'put', { sku: 'tea' })).toMatchObject({
      aggregate: 'shelf',
      command: 'put',
    })
    // @ts-expect-error there is no such command
    const unknown = () => commandTo(shelf, 's-1', 'paint', {})
    // @ts-expect-error its data has a sku
    const without = () => commandTo(shelf, 's-1', 'put', {})
    expect([unknown, without]).toHaveLength(2)
  })

  it('decides a transaction with the states of its roles', () => {
    const move = defineTransaction({
      name: 'move',
      on: shelf,
      data: z.object({ to: z.string(), sku: z.string() }),
      roles: { from: shelf, to: shelf },
      participants: ({ to }, id) => ({ from: id, to }),
      decide: ({ from, to }, { sku }, { ids }) => {
        expectTypeOf(from).toEqualTypeOf<{ pieces: number }>()
        expectTypeOf(to).toEqualTypeOf<{ pieces: number }>()
        expectTypeOf(sku).toEqualTypeOf<string>()
        expectTypeOf(ids).toExtend<{ from: string; to: string }>()
        return {
          from: { type: 'shelf.cleared', data: {} },
          to: { type: 'shelf.put', data: { sku, quantity: from.pieces } },
        }
      },
    })
    expect(move.name).toBe('move')
  })
})

describe('the author of a saga', () => {
  it('gets its input in every step', () => {
    const parcel = defineSaga({
      name: 'parcel',
      input: z.object({ orderId: z.string(), carrier: z.string().default('DHL') }),
      steps: [
        {
          name: 'ship',
          invoke: ({ id, input }) => {
            expectTypeOf(id).toEqualTypeOf<string>()
            expectTypeOf(input).toEqualTypeOf<{ orderId: string; carrier: string }>()
            return commandTo(order, input.orderId, 'ship', { carrier: input.carrier, trackingNumber: id })
          },
          compensate: ({ input }) => commandTo(order, input.orderId, 'cancel', { reason: 'lost' }),
        },
        [
          { name: 'deliver', invoke: ({ input }) => commandTo(order, input.orderId, 'deliver', {}) },
          // @ts-expect-error an order cannot be lost
          { name: 'lose', invoke: ({ input }) => commandTo(order, input.orderId, 'lose', {}) },
        ],
      ],
    })
    expectTypeOf(parcel.name).toEqualTypeOf<'parcel'>()
  })
})
