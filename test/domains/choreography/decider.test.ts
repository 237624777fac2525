import { describe, expect, test } from 'vitest'
import { purchase } from '../../../src/domains/checkout/choreography/aggregate.ts'
import type { STEPS } from '../../../src/domains/checkout/choreography/events.ts'
import {
  LONGEST_ID,
  participantOf,
  purchaseOf,
} from '../../../src/domains/checkout/choreography/participants.ts'
import type { NewEvent } from '../../../src/commands/definition/decision.ts'
import { given } from '../../../src/testing/index.ts'
import { aBasket } from './basket.ts'

type Event = NewEvent<typeof purchase.events>
const item = (sku: string) => ({ sku, quantity: 2 })

const placed: Event = { type: 'purchase.placed', data: { ...aBasket(), total: '20.00' } }
const tea: Event = { type: 'purchase.item_reserved', data: item('tea') }
const cup: Event = { type: 'purchase.item_reserved', data: item('cup') }
const reserved: Event = {
  type: 'purchase.reserved',
  data: { amount: '20.00', currency: 'EUR', method: 'card' },
}
const authorized: Event = {
  type: 'purchase.authorized',
  data: { address: aBasket().address, items: [item('tea'), item('cup')] },
}
const completed: Event = { type: 'purchase.completed', data: {} }
const failure = { step: 'reserve-items', code: 'OUT_OF_STOCK', detail: 'nothing left' } as const
const failedAt = (step: (typeof STEPS)[number]): Event => ({
  type: 'purchase.failed',
  data: { ...failure, step, skus: ['tea', 'cup'] },
})
const failed = failedAt('reserve-items')
const paid = { amount: '20.00', currency: 'EUR' }

const past = {
  none: [],
  placed: [placed],
  half: [placed, tea],
  reserved: [placed, tea, cup, reserved],
  authorized: [placed, tea, cup, reserved, authorized],
  completed: [placed, tea, cup, reserved, authorized, completed],
  failed: [placed, tea, failed],
}

describe('a purchase', () => {
  test('is reserved with the last of its products, authorized, and completed', () => {
    given(purchase).when('place', aBasket()).thenEvents(placed)
    given(purchase, placed).when('note-reserved', item('tea')).thenEvents(tea)
    given(purchase, ...past.half)
      .when('note-reserved', item('cup'))
      .thenEvents(cup, reserved)
    given(purchase, ...past.reserved)
      .when('note-authorized', paid)
      .thenEvents(authorized)
    given(purchase, ...past.authorized)
      .when('complete')
      .thenEvents(completed)
  })

  test('says yes to what it knows already', () => {
    for (const events of [past.half, past.reserved, past.completed])
      given(purchase, ...events)
        .when('note-reserved', item('tea'))
        .thenNothing()
    for (const events of [past.authorized, past.completed])
      given(purchase, ...events)
        .when('note-authorized', paid)
        .thenNothing()
    given(purchase, ...past.completed)
      .when('complete')
      .thenNothing()
    given(purchase, placed).when('place', aBasket()).thenRejected('PURCHASE_ALREADY_EXISTS', 409)
  })

  test('fails once, and tells whoever comes later', () => {
    given(purchase, ...past.half)
      .when('fail', failure)
      .thenEvents(failed)
    given(purchase, ...past.failed)
      .when('fail', { ...failure, code: 'ANOTHER' })
      .thenNothing()
    const late = given(purchase, ...past.failed)
    late.when('note-reserved', item('cup')).thenRejected('PURCHASE_FAILED', 422)
    late.when('note-authorized', paid).thenRejected('PURCHASE_FAILED', 422)
    late.when('complete').thenRejected('PURCHASE_FAILED', 422)
  })

  test.each([
    ['reserved', 'create-order', true],
    ['reserved', 'reserve-items', true],
    ['reserved', 'authorize-payment', false],
    ['authorized', 'authorize-payment', true],
    ['authorized', 'create-shipment', false],
    ['completed', 'capture-payment', true],
  ] as const)('that is %s is not failed by a refused %s: %s', (status, step, isPast) => {
    const then = given(purchase, ...past[status]).when('fail', { ...failure, step })
    if (isPast) then.thenNothing()
    else then.thenEvents(failedAt(step))
  })

  test('does not want to know of what is not its own', () => {
    given(purchase, placed)
      .when('note-reserved', { sku: 'tea', quantity: 1 })
      .thenRejected('ITEM_NOT_IN_PURCHASE')
    given(purchase, placed)
      .when('note-reserved', { sku: 'pot', quantity: 1 })
      .thenRejected('ITEM_NOT_IN_PURCHASE')
    given(purchase, placed).when('note-authorized', paid).thenRejected('PURCHASE_NOT_RESERVED')
    given(purchase, ...past.reserved)
      .when('note-authorized', { ...paid, amount: '0.01' })
      .thenRejected('PURCHASE_AMOUNT_DIFFERS')
    given(purchase, ...past.reserved)
      .when('note-authorized', { ...paid, currency: 'USD' })
      .thenRejected('PURCHASE_AMOUNT_DIFFERS')
    given(purchase, ...past.reserved)
      .when('complete')
      .thenRejected('PURCHASE_NOT_AUTHORIZED')
  })

  test('that is not there says so', () => {
    given(purchase).when('note-reserved', item('tea')).thenRejected('PURCHASE_NOT_FOUND', 404)
    given(purchase).when('note-authorized', paid).thenRejected('PURCHASE_NOT_FOUND', 404)
    given(purchase).when('complete').thenRejected('PURCHASE_NOT_FOUND', 404)
    given(purchase).when('fail', failure).thenRejected('PURCHASE_NOT_FOUND', 404)
  })

  test('leaves room in its id for those of its participants', () => {
    const longest = 'x'.repeat(LONGEST_ID)
    given(purchase).when('place', aBasket(), { id: longest }).thenEvents(placed)
    given(purchase)
      .when('place', aBasket(), { id: `${longest}x` })
      .thenRejected('PURCHASE_ID_TOO_LONG')
    expect(participantOf(longest)).toHaveLength(128)
    expect(purchaseOf(participantOf('p-1'))).toBe('p-1')
    expect(['o-1', 'purchase-', 'a-purchase-1'].map(purchaseOf)).toEqual([undefined, undefined, undefined])
  })
})
