import { describe, expect, test } from 'vitest'
import { shipment } from '../../../src/domains/shipping/aggregate.ts'
import { given } from '../../../src/testing/index.ts'

const address = { name: 'Ada', city: 'Porto', postalCode: '4000-008', country: 'PT' }
const content = { orderId: 'o-1', address, items: [{ sku: 'tea', quantity: 2 }] }
const created = { type: 'shipment.created', data: content } as const
const sent = { carrier: 'DHL', trackingNumber: 'JD01' }
const dispatched = { type: 'shipment.dispatched', data: sent } as const
const delivered = { type: 'shipment.delivered', data: {} } as const
const cancelled = { type: 'shipment.cancelled', data: { reason: 'no stock' } } as const

const past = {
  none: [],
  created: [created],
  dispatched: [created, dispatched],
  delivered: [created, dispatched, delivered],
  cancelled: [created, cancelled],
  'cancelled before': [cancelled],
}

describe('a shipment', () => {
  test('is created, dispatched and delivered', () => {
    given(shipment).when('create', content).thenEvents(created)
    given(shipment, created).when('dispatch', sent).thenEvents(dispatched)
    given(shipment, ...past.dispatched)
      .when('deliver')
      .thenEvents(delivered)
  })

  test('has a carrier and a tracking number when nobody names one', () => {
    given(shipment, created)
      .when('dispatch', {}, { id: 's-9' })
      .thenEvents({ type: 'shipment.dispatched', data: { carrier: 'standard', trackingNumber: 's-9' } })
  })

  test('is cancelled before it is dispatched, with a reason or without', () => {
    given(shipment, created).when('cancel', { reason: 'no stock' }).thenEvents(cancelled)
    given(shipment, created).when('cancel').thenEvents({ type: 'shipment.cancelled', data: {} })
  })

  test('can be cancelled before it is created: it never will be then', () => {
    given(shipment).when('cancel', { reason: 'no stock' }).thenEvents(cancelled)
    given(shipment, cancelled).when('create', content).thenRejected('SHIPMENT_ALREADY_CANCELLED', 422)
  })

  test.each([
    ['the country ZZ', { country: 'ZZ' }],
    ['the postal code 00000', { postalCode: '00000' }],
  ])('goes to nobody in %s', (_, change) => {
    given(shipment)
      .when('create', { ...content, address: { ...address, ...change } })
      .thenRejected('ADDRESS_NOT_SERVED', 422)
  })

  test('needs no more of an address than city and postal code; null is not given', () => {
    const short = { city: 'Porto', postalCode: '4000' }
    given(shipment)
      .when('create', { ...content, address: { ...short, name: null, country: null } })
      .thenEvents({ type: 'shipment.created', data: { ...content, address: short } })
  })
})

describe('what has happened already changes nothing', () => {
  test.each([
    ['created', 'create'],
    ['delivered', 'create'],
    ['dispatched', 'dispatch'],
    ['delivered', 'deliver'],
    ['cancelled', 'cancel'],
    ['cancelled before', 'cancel'],
  ] as const)('when %s, %s', (status, command) => {
    outcome(status, command).thenNothing()
  })

  test('the same content in another order of its fields is the same', () => {
    const { orderId, items } = content
    const turned = { country: 'PT', postalCode: '4000-008', city: 'Porto', name: 'Ada', street: null }
    given(shipment, created).when('create', { items, address: turned, orderId }).thenNothing()
  })
})

test.each([
  ['none', 'dispatch', 'SHIPMENT_NOT_FOUND', 404],
  ['none', 'deliver', 'SHIPMENT_NOT_FOUND', 404],
  ['created', 'deliver', 'SHIPMENT_NOT_DISPATCHED', 422],
  ['dispatched', 'cancel', 'SHIPMENT_ALREADY_DISPATCHED', 422],
  ['delivered', 'dispatch', 'SHIPMENT_ALREADY_DELIVERED', 422],
  ['delivered', 'cancel', 'SHIPMENT_ALREADY_DELIVERED', 422],
  ['cancelled', 'create', 'SHIPMENT_ALREADY_CANCELLED', 422],
  ['cancelled', 'dispatch', 'SHIPMENT_ALREADY_CANCELLED', 422],
  ['cancelled', 'deliver', 'SHIPMENT_ALREADY_CANCELLED', 422],
  ['cancelled before', 'deliver', 'SHIPMENT_ALREADY_CANCELLED', 422],
] as const)('when %s, %s is refused with %s', (status, command, code, httpStatus) => {
  outcome(status, command).thenRejected(code, httpStatus)
})

test('other content under the same id, and another carrier, are refused', () => {
  given(shipment, created)
    .when('create', { ...content, items: [{ sku: 'tea', quantity: 3 }] })
    .thenRejected('SHIPMENT_ALREADY_EXISTS', 409)
  given(shipment, ...past.dispatched)
    .when('dispatch', { ...sent, trackingNumber: 'other' })
    .thenRejected('SHIPMENT_ALREADY_DISPATCHED', 422)
})

test.each<[string, object]>([
  ['nothing', { items: [] }],
  ['no piece', { items: [{ sku: 'tea', quantity: 0 }] }],
  ['a sku with a dot', { items: [{ sku: 'te.a', quantity: 1 }] }],
  ['an empty city', { address: { ...address, city: ' ' } }],
  ['a country in words', { address: { ...address, country: 'Portugal' } }],
  ['an order id with a space', { orderId: 'o 1' }],
])('no shipment is created with %s', (_, change) => {
  given(shipment)
    .when('create', { ...content, ...change })
    .thenRejected('INVALID_COMMAND', 400)
})

test('a refusal names the shipment', () => {
  const refused = given(shipment, ...past.dispatched).when('cancel', {}, { id: 's-7' })
  expect(() => refused.thenNothing()).toThrow(/s-7 is dispatched and cannot be cancelled/)
})

function outcome(status: keyof typeof past, command: 'create' | 'dispatch' | 'deliver' | 'cancel') {
  const history = given(shipment, ...past[status])
  return {
    create: () => history.when('create', content),
    dispatch: () => history.when('dispatch', sent),
    deliver: () => history.when('deliver'),
    cancel: () => history.when('cancel'),
  }[command]()
}
