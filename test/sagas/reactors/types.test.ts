import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { customer } from '../../../src/domains/customers/aggregate.ts'
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
          return { aggregate: 'order', id: data.carrier, name: 'deliver' }
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
