import { describe, expect, test } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { given } from '../../src/testing/index.ts'

const placed = {
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'tea', quantity: 2, unitPrice: '3.50' }],
}
const created = {
  type: 'order.created',
  data: { ...placed, shippingCost: '0.00', total: '7.00' },
} as const
const confirmed = { type: 'order.confirmed', data: {} } as const
const shipped = { type: 'order.shipped', data: { carrier: 'DHL', trackingNumber: '42' } } as const
const delivered = { type: 'order.delivered', data: {} } as const
const cancelled = { type: 'order.cancelled', data: { reason: 'too late' } } as const

const past = {
  none: [],
  created: [created],
  confirmed: [created, confirmed],
  shipped: [created, confirmed, shipped],
  delivered: [created, confirmed, shipped, delivered],
  cancelled: [created, cancelled],
}
type Status = keyof typeof past

test('an order is created with its total', () => {
  given(order)
    .when('create', { ...placed, shippingCost: '4.95' })
    .thenEvents({ type: 'order.created', data: { ...placed, shippingCost: '4.95', total: '11.95' } })
})

test('shipping costs nothing unless it is said', () => {
  given(order).when('create', placed).thenEvents(created)
})

test.each(['created', 'confirmed', 'shipped', 'delivered', 'cancelled'] as const)(
  'an order that is %s is not created again',
  (status) => {
    given(order, ...past[status])
      .when('create', placed)
      .thenRejected('ORDER_ALREADY_EXISTS', 409)
  },
)

describe('steps', () => {
  test('confirm', () =>
    given(order, ...past.created)
      .when('confirm')
      .thenEvents(confirmed))
  test('ship', () =>
    given(order, ...past.confirmed)
      .when('ship', shipped.data)
      .thenEvents(shipped))
  test('deliver', () =>
    given(order, ...past.shipped)
      .when('deliver')
      .thenEvents(delivered))
  test.each(['created', 'confirmed'] as const)('cancel when %s', (status) =>
    given(order, ...past[status])
      .when('cancel', cancelled.data)
      .thenEvents(cancelled),
  )
})

const refusals: [Status, 'confirm' | 'ship' | 'deliver' | 'cancel', string, number][] = [
  ['none', 'confirm', 'ORDER_NOT_FOUND', 404],
  ['none', 'ship', 'ORDER_NOT_FOUND', 404],
  ['none', 'deliver', 'ORDER_NOT_FOUND', 404],
  ['none', 'cancel', 'ORDER_NOT_FOUND', 404],
  ['created', 'ship', 'ORDER_NOT_CONFIRMED', 422],
  ['created', 'deliver', 'ORDER_NOT_SHIPPED', 422],
  ['confirmed', 'confirm', 'ORDER_ALREADY_CONFIRMED', 422],
  ['confirmed', 'deliver', 'ORDER_NOT_SHIPPED', 422],
  ['shipped', 'confirm', 'ORDER_ALREADY_SHIPPED', 422],
  ['shipped', 'ship', 'ORDER_ALREADY_SHIPPED', 422],
  ['shipped', 'cancel', 'ORDER_ALREADY_SHIPPED', 422],
  ['delivered', 'confirm', 'ORDER_ALREADY_DELIVERED', 422],
  ['delivered', 'ship', 'ORDER_ALREADY_DELIVERED', 422],
  ['delivered', 'deliver', 'ORDER_ALREADY_DELIVERED', 422],
  ['delivered', 'cancel', 'ORDER_ALREADY_DELIVERED', 422],
  ['cancelled', 'confirm', 'ORDER_ALREADY_CANCELLED', 422],
  ['cancelled', 'ship', 'ORDER_ALREADY_CANCELLED', 422],
  ['cancelled', 'deliver', 'ORDER_ALREADY_CANCELLED', 422],
  ['cancelled', 'cancel', 'ORDER_ALREADY_CANCELLED', 422],
]
test.each(refusals)('when %s, %s is refused with %s', (status, command, code, httpStatus) => {
  const history = given(order, ...past[status])
  const outcome = {
    confirm: () => history.when('confirm'),
    ship: () => history.when('ship', shipped.data),
    deliver: () => history.when('deliver'),
    cancel: () => history.when('cancel', cancelled.data),
  }[command]()
  outcome.thenRejected(code, httpStatus)
})

describe('the total', () => {
  const totals: [string, { quantity: number; unitPrice: string }[], string, string][] = [
    ['of nothing', [{ quantity: 1, unitPrice: '0.00' }], '0.00', '0.00'],
    ['of cents', [{ quantity: 1, unitPrice: '0.01' }], '0.00', '0.01'],
    ['where floats are wrong', [{ quantity: 3, unitPrice: '0.10' }], '0.20', '0.50'],
    [
      'of several items',
      [
        { quantity: 2, unitPrice: '19.99' },
        { quantity: 1, unitPrice: '0.02' },
      ],
      '5.00',
      '45.00',
    ],
    [
      'past what a double counts',
      [{ quantity: 1_000_000, unitPrice: '9999999999999.99' }],
      '9999999999999.99',
      '10000009999999989999.99',
    ],
  ]
  test.each(totals)('%s', (_, prices, shippingCost, total) => {
    const items = prices.map((price) => ({ sku: 'tea', ...price }))
    given(order)
      .when('create', { ...placed, items, shippingCost })
      .thenEvents({ type: 'order.created', data: { ...placed, items, shippingCost, total } })
  })
})

describe('what no order can be created with', () => {
  const item = { sku: 'tea', quantity: 1, unitPrice: '1.00' }
  const bad: [string, object][] = [
    ['no items', { items: [] }],
    ['1,001 items', { items: Array.from({ length: 1001 }, () => item) }],
    ['a quantity of 0', { items: [{ ...item, quantity: 0 }] }],
    ['a quantity over a million', { items: [{ ...item, quantity: 1_000_001 }] }],
    ['half a piece', { items: [{ ...item, quantity: 0.5 }] }],
    ['a negative price', { items: [{ ...item, unitPrice: '-1.00' }] }],
    ['a price with one decimal', { items: [{ ...item, unitPrice: '1.0' }] }],
    ['a price of 14 digits', { items: [{ ...item, unitPrice: '10000000000000.00' }] }],
    ['a currency in lower case', { currency: 'eur' }],
    ['a customer id with a dot', { customerId: 'c.1' }],
    ['a customer id of 129 characters', { customerId: 'c'.repeat(129) }],
    ['a sku with a space', { items: [{ ...item, sku: 'green tea' }] }],
    ['a shipping cost in words', { shippingCost: 'free' }],
  ]
  test.each(bad)('%s', (_, change) => {
    given(order)
      .when('create', { ...placed, ...change })
      .thenRejected('INVALID_COMMAND', 400)
  })
  test('the largest that is allowed is accepted', () => {
    const items = Array.from({ length: 1000 }, () => ({ ...item, quantity: 1_000_000 }))
    given(order)
      .when('create', { ...placed, customerId: 'c'.repeat(128), items })
      .thenEvents({
        type: 'order.created',
        data: {
          customerId: 'c'.repeat(128),
          currency: 'EUR',
          items,
          shippingCost: '0.00',
          total: '1000000000.00',
        },
      })
  })
})

test('texts are trimmed, and must not be empty or longer than 500', () => {
  const history = given(order, ...past.created)
  history
    .when('cancel', { reason: '  late ' })
    .thenEvents({ type: 'order.cancelled', data: { reason: 'late' } })
  history.when('cancel', { reason: '   ' }).thenRejected('INVALID_COMMAND')
  history.when('cancel', { reason: 'x'.repeat(501) }).thenRejected('INVALID_COMMAND')
})

test('a refusal names the order', () => {
  expect(() => given(order).when('confirm', {}, { id: 'o-77' }).thenNothing()).toThrow(/o-77/)
})
