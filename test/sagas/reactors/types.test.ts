import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { commandTo } from '../../../src/commands/definition/command-to.ts'
import { customer } from '../../../src/domains/customers/aggregate.ts'
import { transfer } from '../../../src/domains/ledger/transfer.ts'
import { order } from '../../../src/domains/orders/aggregate.ts'
import { defineFeed } from '../../../src/feed/define-feed.ts'
import { defineReactor } from '../../../src/sagas/reactors/define-reactor.ts'

describe('defineReactor infers the events', () => {
  test('of a function for each type', () => {
    defineReactor({
      name: 'one',
      from: [order, customer],
      on: {
        'order.shipped': ({ data, type }) => {
          expectTypeOf(data).toEqualTypeOf<{ carrier: string; trackingNumber: string }>()
          expectTypeOf(type).toEqualTypeOf<'order.shipped'>()
          return commandTo(order, data.carrier, 'deliver', {})
        },
        'customer.address_changed': ({ data }) => {
          expectTypeOf(data.city).toEqualTypeOf<string>()
          return undefined
        },
      },
    })
  })

  test('of one function for some types', () => {
    defineReactor({
      name: 'one',
      from: [order],
      on: ['order.shipped', 'order.cancelled'],
      do: (event) => {
        expectTypeOf(event.type).toEqualTypeOf<'order.shipped' | 'order.cancelled'>()
        if (event.type === 'order.shipped') expectTypeOf(event.data.carrier).toEqualTypeOf<string>()
        else expectTypeOf(event.data.reason).toEqualTypeOf<string>()
        return []
      },
    })
    // @ts-expect-error an order has no such event
    expect(() => defineReactor({ name: 'one', from: [order], on: ['order.lost'], do: () => [] })).toThrow(
      'waits for order.lost',
    )
  })

  test('of the public feed by the schemas', () => {
    defineReactor({
      name: 'one',
      feed: {
        'transfer.completed': z.object({ amount: z.string() }),
        'order.created': z.object({ total: z.string() }),
      },
      do: (event) => {
        if (event.type === 'transfer.completed') expectTypeOf(event.data.amount).toEqualTypeOf<string>()
        else expectTypeOf(event.data.total).toEqualTypeOf<string>()
        return undefined
      },
    })
  })
})

describe('what it does otherwise', () => {
  test('knows the event as what it does', () => {
    defineReactor({
      name: 'one',
      from: [order, customer],
      on: {
        'order.shipped': {
          do: ({ aggregateId }) => commandTo(order, aggregateId, 'deliver', {}),
          otherwise: ({ data, type }, { code }) => {
            expectTypeOf(data).toEqualTypeOf<{ carrier: string; trackingNumber: string }>()
            expectTypeOf(type).toEqualTypeOf<'order.shipped'>()
            expectTypeOf(code).toEqualTypeOf<string>()
            return []
          },
        },
      },
      otherwise: (event) => {
        if (event.type === 'order.cancelled') expectTypeOf(event.data.reason).toEqualTypeOf<string>()
        return undefined
      },
    })
    // @ts-expect-error a reaction without what it does
    expect(() => defineReactor({ name: 'one', from: [order], on: { 'order.shipped': {} } })).toThrow(
      'give it a function',
    )
  })
})

test('a command over several aggregates is addressed as one to the aggregate that takes it', () => {
  expect(commandTo(transfer, 'a-1', { to: 'a-2', amount: '12.50' })).toEqual({
    aggregate: 'account',
    id: 'a-1',
    command: 'transfer',
    data: { to: 'a-2', amount: '12.50' },
  })
  expect(() => commandTo(transfer, 'a.1', { to: 'a-2', amount: '12.50' })).toThrow('not valid')
  // @ts-expect-error it says nothing of the amount
  commandTo(transfer, 'a-1', { to: 'a-2' })
  // @ts-expect-error an order has no such command
  commandTo(order, 'o-1', 'lose', {})
})

test('a reactor that could never do anything is refused', () => {
  expect(() => defineReactor({ name: 'a.b', from: [order], on: {} })).toThrow('may hold only')
  expect(() => defineReactor({ name: 'a', from: [order], on: {} })).toThrow('reacts to nothing')
  expect(() => defineReactor({ name: 'a', feed: { Order: z.object({}) }, do: () => [] })).toThrow(
    'public type',
  )
})

test('a feed knows the data of each type, and refuses what cannot stand in a subject', () => {
  defineFeed({
    from: order,
    publish: {
      'order.shipped': {
        as: 'order.on_its_way',
        data: ({ data, aggregateId }) => {
          expectTypeOf(data.carrier).toEqualTypeOf<string>()
          return { order: aggregateId }
        },
      },
    },
  })
  expect(() => defineFeed({ from: order, publish: { 'order.shipped': { as: 'Order.*' } } })).toThrow(
    'public type',
  )
  expect(() => defineFeed({ from: order, publish: {} })).toThrow('publishes nothing')
  // @ts-expect-error an order has no such event
  expect(() => defineFeed({ from: order, publish: { 'order.lost': true } })).toThrow(
    'has no event order.lost',
  )
})
