import { describe, expect, test } from 'vitest'
import { product } from '../../src/domains/inventory/aggregate.ts'
import { MOST_STOCK } from '../../src/domains/inventory/events.ts'
import { given } from '../../src/testing/index.ts'

const tea = { name: 'Sencha', price: '8.90', currency: 'EUR' }
const added = { type: 'product.added', data: { ...tea, stock: 5 } } as const
const data = { reservationId: 'r-1', quantity: 3 }
const reserved = { type: 'product.reserved', data } as const
const released = { type: 'product.released', data } as const
const shipped = { type: 'product.shipped', data } as const

const past = {
  none: [],
  added: [added],
  reserved: [added, reserved],
  released: [added, reserved, released],
  shipped: [added, reserved, shipped],
}

describe('a product', () => {
  test('is added with what there is of it', () => {
    given(product)
      .when('add', { ...tea, stock: 5 })
      .thenEvents(added)
  })

  test('is added without any unless it is said', () => {
    given(product)
      .when('add', tea)
      .thenEvents({ type: 'product.added', data: { ...tea, stock: 0 } })
  })

  test('is not added again', () => {
    given(product, added).when('add', tea).thenRejected('PRODUCT_ALREADY_EXISTS', 409)
  })

  test('is received, and what came can be reserved', () => {
    const received = { type: 'product.received', data: { quantity: 4 } } as const
    given(product, added).when('receive', { quantity: 4 }).thenEvents(received)
    given(product, added, received)
      .when('reserve', { reservationId: 'r-9', quantity: 9 })
      .thenEvents({ type: 'product.reserved', data: { reservationId: 'r-9', quantity: 9 } })
  })

  test('is not received beyond what can be counted', () => {
    const history = given(product, added)
    history.when('receive', { quantity: MOST_STOCK - 4 }).thenRejected('STOCK_LIMIT_EXCEEDED', 422)
    history
      .when('receive', { quantity: MOST_STOCK - 5 })
      .thenEvents({ type: 'product.received', data: { quantity: MOST_STOCK - 5 } })
  })
})

describe('a reservation', () => {
  test('is made of what is available, to the last piece', () => {
    const history = given(product, added, reserved)
    const two = { reservationId: 'r-2', quantity: 2 }
    history.when('reserve', two).thenEvents({ type: 'product.reserved', data: two })
    history.when('reserve', { ...two, quantity: 3 }).thenRejected('OUT_OF_STOCK', 422)
  })

  test('makes pieces available again when it is released', () => {
    const all = { reservationId: 'r-2', quantity: 5 }
    given(product, ...past.released)
      .when('reserve', all)
      .thenEvents({ type: 'product.reserved', data: all })
  })

  test('cannot be made any more when it was released for good before it came', () => {
    const never = { type: 'product.released', data: { reservationId: 'r-9', quantity: 0 } } as const
    given(product, added).when('release', { reservationId: 'r-9', final: true }).thenEvents(never)
    given(product, added, never).when('release', { reservationId: 'r-9', final: true }).thenNothing()
    given(product, added, never)
      .when('reserve', { reservationId: 'r-9', quantity: 1 })
      .thenRejected('RESERVATION_RELEASED', 422)
    given(product, ...past.reserved)
      .when('release', { reservationId: 'r-1', final: true })
      .thenEvents(released)
  })

  test('takes its pieces with it when it is shipped', () => {
    given(product, ...past.shipped)
      .when('reserve', { reservationId: 'r-2', quantity: 3 })
      .thenRejected('OUT_OF_STOCK', 422)
  })

  test('ends with the quantity that it was made with', () => {
    const history = given(product, ...past.reserved)
    history.when('release', { reservationId: 'r-1' }).thenEvents(released)
    history.when('ship-reserved', { reservationId: 'r-1' }).thenEvents(shipped)
  })

  test('that is there already is no other one: the same again changes nothing, even when nothing is left', () => {
    const rest = { type: 'product.reserved', data: { reservationId: 'r-2', quantity: 2 } } as const
    given(product, ...past.reserved, rest)
      .when('reserve', data)
      .thenNothing()
    given(product, ...past.reserved)
      .when('reserve', { ...data, quantity: 2 })
      .thenRejected('RESERVATION_EXISTS', 409)
  })
})

describe('what is repeated changes nothing', () => {
  test('release', () =>
    given(product, ...past.released)
      .when('release', { reservationId: 'r-1' })
      .thenNothing())
  test('ship-reserved', () =>
    given(product, ...past.shipped)
      .when('ship-reserved', { reservationId: 'r-1' })
      .thenNothing())
})

const refusals: [keyof typeof past, 'receive' | 'reserve' | 'release' | 'ship-reserved', string, number][] = [
  ['none', 'receive', 'PRODUCT_NOT_FOUND', 404],
  ['none', 'reserve', 'PRODUCT_NOT_FOUND', 404],
  ['none', 'release', 'PRODUCT_NOT_FOUND', 404],
  ['none', 'ship-reserved', 'PRODUCT_NOT_FOUND', 404],
  ['added', 'release', 'RESERVATION_NOT_FOUND', 404],
  ['added', 'ship-reserved', 'RESERVATION_NOT_FOUND', 404],
  ['released', 'reserve', 'RESERVATION_RELEASED', 422],
  ['released', 'ship-reserved', 'RESERVATION_RELEASED', 422],
  ['shipped', 'reserve', 'RESERVATION_SHIPPED', 422],
  ['shipped', 'release', 'RESERVATION_SHIPPED', 422],
]
test.each(refusals)('when %s, %s is refused with %s', (status, command, code, httpStatus) => {
  const history = given(product, ...past[status])
  const outcome = {
    receive: () => history.when('receive', { quantity: 1 }),
    reserve: () => history.when('reserve', data),
    release: () => history.when('release', { reservationId: 'r-1' }),
    'ship-reserved': () => history.when('ship-reserved', { reservationId: 'r-1' }),
  }[command]()
  outcome.thenRejected(code, httpStatus)
})

describe('what no product can be added with', () => {
  test.each<[string, object]>([
    ['an empty name', { name: ' ' }],
    ['a name of 201 characters', { name: 'x'.repeat(201) }],
    ['a price with one decimal', { price: '8.9' }],
    ['a negative price', { price: '-8.90' }],
    ['a currency in lower case', { currency: 'eur' }],
    ['less than nothing', { stock: -1 }],
    ['half a piece', { stock: 0.5 }],
    ['more than can be counted', { stock: MOST_STOCK + 1 }],
  ])('%s', (_, change) => {
    given(product)
      .when('add', { ...tea, ...change })
      .thenRejected('INVALID_COMMAND', 400)
  })
})

test.each<[string, object]>([
  ['nothing', { quantity: 0 }],
  ['over a million', { quantity: 1_000_001 }],
  ['a third', { quantity: 0.3 }],
  ['an id with a dot', { reservationId: 'r.1' }],
  ['no id', { reservationId: '' }],
])('nothing is reserved with %s', (_, change) => {
  given(product, added)
    .when('reserve', { ...data, ...change })
    .thenRejected('INVALID_COMMAND', 400)
})

test('a refusal names the product and says how much there is', () => {
  const refused = given(product, ...past.reserved).when(
    'reserve',
    { reservationId: 'r-2', quantity: 9 },
    { id: 'tea-7' },
  )
  expect(() => refused.thenNothing()).toThrow(/tea-7 2 are available, not 9/)
})
