import { describe, expect, test } from 'vitest'
import { payment } from '../../../src/domains/payments/aggregate.ts'
import type { GatewayAnswer } from '../../../src/domains/payments/gateway.ts'
import { given } from '../../../src/testing/index.ts'

const terms = { orderId: 'o-1', amount: '12.50', currency: 'EUR', method: 'card-1' }
const authorized = { type: 'payment.authorized', data: { ...terms, reference: 'auth-1' } } as const
const captured = { type: 'payment.captured', data: { amount: '12.50', reference: 'cap-1' } } as const
const refunded = (amount: string) =>
  ({ type: 'payment.refunded', data: { amount, reason: 'damaged', reference: 'ref-1' } }) as const
const voided = { type: 'payment.voided', data: {} } as const

const past = {
  none: [],
  authorized: [authorized],
  captured: [authorized, captured],
  refunded: [authorized, captured, refunded('12.50')],
  voided: [authorized, voided],
  'voided before': [voided],
}
const yes = (reference: string) => ({ answer: { approved: true, reference } satisfies GatewayAnswer })
const no = { answer: { approved: false, reason: 'no money' } satisfies GatewayAnswer }

describe('a payment', () => {
  test('is authorized as the gateway says, under its name for it', () => {
    given(payment).when('authorize', terms, yes('auth-1')).thenEvents(authorized)
  })

  test('is captured once, with the amount that was authorized', () => {
    given(payment, authorized).when('capture', {}, yes('cap-1')).thenEvents(captured)
  })

  test('is refunded in parts, up to what was captured, and never more', () => {
    const part = given(payment, ...past.captured, refunded('5.00'))
    part.when('refund', { amount: '7.50', reason: 'damaged' }, yes('ref-1')).thenEvents(refunded('7.50'))
    part.when('refund', { reason: 'damaged' }, yes('ref-1')).thenEvents(refunded('7.50'))
    part.when('refund', { amount: '7.51', reason: 'damaged' }).thenRejected('REFUND_EXCEEDS_PAYMENT', 422)
    given(payment, ...past.refunded)
      .when('refund', { amount: '0.01', reason: 'damaged' })
      .thenRejected('REFUND_EXCEEDS_PAYMENT', 422)
  })

  test('is voided before it is captured', () => {
    given(payment, authorized).when('void', {}, yes('void-1')).thenEvents(voided)
  })

  test('can be voided before it is authorized: it never will be then', () => {
    given(payment).when('void', {}, yes('void-1')).thenEvents(voided)
    given(payment, voided).when('authorize', terms).thenRejected('PAYMENT_ALREADY_VOIDED', 422)
  })
})

describe('a refusal of the gateway', () => {
  test.each([
    ['none', 'authorize', 'PAYMENT_DECLINED'],
    ['authorized', 'capture', 'CAPTURE_DECLINED'],
    ['captured', 'refund', 'REFUND_DECLINED'],
    ['authorized', 'void', 'VOID_DECLINED'],
  ] as const)('when %s, to %s is %s', (status, command, code) => {
    outcome(status, command, no).thenRejected(code, 422)
  })

  test('says why', () => {
    const refused = given(payment).when('authorize', terms, { id: 'p-7', ...no })
    expect(() => refused.thenNothing()).toThrow(/p-7: no money/)
  })
})

describe('what has happened already changes nothing', () => {
  test.each([
    ['authorized', 'authorize'],
    ['captured', 'authorize'],
    ['captured', 'capture'],
    ['refunded', 'capture'],
    ['refunded', 'refund'],
    ['voided', 'void'],
    ['voided before', 'void'],
  ] as const)('when %s, %s', (status, command) => {
    outcome(status, command).thenNothing()
  })

  test('the same amount may be written otherwise', () => {
    given(payment, authorized)
      .when('authorize', { ...terms, amount: '012.50' })
      .thenNothing()
  })
})

test.each([
  ['none', 'capture', 'PAYMENT_NOT_FOUND', 404],
  ['none', 'refund', 'PAYMENT_NOT_FOUND', 404],
  ['authorized', 'refund', 'PAYMENT_NOT_CAPTURED', 422],
  ['captured', 'void', 'PAYMENT_ALREADY_CAPTURED', 422],
  ['refunded', 'void', 'PAYMENT_ALREADY_CAPTURED', 422],
  ['voided', 'authorize', 'PAYMENT_ALREADY_VOIDED', 422],
  ['voided', 'capture', 'PAYMENT_ALREADY_VOIDED', 422],
  ['voided', 'refund', 'PAYMENT_ALREADY_VOIDED', 422],
  ['voided before', 'capture', 'PAYMENT_ALREADY_VOIDED', 422],
] as const)('when %s, %s is refused with %s', (status, command, code, httpStatus) => {
  outcome(status, command).thenRejected(code, httpStatus)
})

test.each([
  ['order', { orderId: 'o-2' }],
  ['amount', { amount: '12.51' }],
  ['currency', { currency: 'USD' }],
  ['method', { method: 'card-2' }],
])('a payment is not authorized again for another %s', (_, change) => {
  given(payment, authorized)
    .when('authorize', { ...terms, ...change })
    .thenRejected('PAYMENT_ALREADY_AUTHORIZED', 409)
})

test.each<[string, object]>([
  ['nothing', { amount: '0.00' }],
  ['less than nothing', { amount: '-1.00' }],
  ['an amount with one decimal', { amount: '12.5' }],
  ['a currency in lower case', { currency: 'eur' }],
  ['no method', { method: '' }],
  ['the number of a card', { method: '4111111111111111' }],
  ['the number of a card with dashes', { method: '4111-1111-1111-1111' }],
  ['an order id with a dot', { orderId: 'o.1' }],
])('%s is not authorized', (_, change) => {
  given(payment)
    .when('authorize', { ...terms, ...change }, yes('auth-1'))
    .thenRejected('INVALID_COMMAND', 400)
})

test.each<[string, object]>([
  ['of nothing', { amount: '0.00', reason: 'damaged' }],
  ['without a reason', { amount: '1.00' }],
  ['with an empty reason', { amount: '1.00', reason: ' ' }],
])('a refund %s is not made', (_, data) => {
  given(payment, ...past.captured)
    .when('refund', { reason: '', ...data }, yes('ref-1'))
    .thenRejected('INVALID_COMMAND', 400)
})

function outcome(
  status: keyof typeof past,
  command: 'authorize' | 'capture' | 'refund' | 'void',
  options: { answer?: GatewayAnswer } = {},
) {
  const history = given(payment, ...past[status])
  return {
    authorize: () => history.when('authorize', terms, options),
    capture: () => history.when('capture', {}, options),
    refund: () => history.when('refund', { reason: 'damaged' }, options),
    void: () => history.when('void', {}, options),
  }[command]()
}
