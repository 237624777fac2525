import { describe, expect, test } from 'vitest'
import { account } from '../../src/domains/ledger/aggregate.ts'
import { transfer } from '../../src/domains/ledger/transfer.ts'
import { given, givenAll } from '../../src/testing/index.ts'

const opened = { type: 'account.opened', data: { owner: 'c-1', currency: 'EUR' } } as const
const deposited = (amount: string) => ({ type: 'account.deposited', data: { amount } }) as const

describe('an account', () => {
  test('is opened once', () => {
    given(account).when('open', opened.data).thenEvents(opened)
    given(account, opened).when('open', opened.data).thenRejected('ACCOUNT_ALREADY_EXISTS', 409)
  })

  test('takes and gives money, with what it is for', () => {
    const data = { amount: '12.50', reference: 'rent' }
    given(account, opened).when('deposit', data).thenEvents({ type: 'account.deposited', data })
    given(account, opened, deposited('12.50'))
      .when('withdraw', data)
      .thenEvents({ type: 'account.withdrawn', data })
  })

  test('has to be there', () => {
    given(account).when('deposit', { amount: '1.00' }).thenRejected('ACCOUNT_NOT_FOUND', 404)
    given(account).when('withdraw', { amount: '1.00' }).thenRejected('ACCOUNT_NOT_FOUND', 404)
  })

  test('never has less than nothing, nor more than can be counted', () => {
    const rich = given(account, opened, deposited('9999999999999.98'))
    rich.when('deposit', { amount: '0.01' }).thenEvents(deposited('0.01'))
    rich.when('deposit', { amount: '0.02' }).thenRejected('BALANCE_LIMIT_EXCEEDED', 422)
    rich.when('withdraw', { amount: '9999999999999.99' }).thenRejected('INSUFFICIENT_FUNDS', 422)
    given(account, opened, deposited('1.00'), { type: 'account.withdrawn', data: { amount: '0.30' } })
      .when('withdraw', { amount: '0.71' })
      .thenRejected('INSUFFICIENT_FUNDS', 422)
  })

  test.each(['0.00', '-1.00', '1', '1.234', '1e3', '', 'NaN', '10000000000000000.00'])(
    'does not take %j for an amount',
    (amount) => {
      for (const command of ['deposit', 'withdraw'] as const)
        given(account, opened, deposited('5.00'))
          .when(command, { amount })
          .thenRejected('INVALID_COMMAND', 400)
      givenAll(transfer, { from: [opened, deposited('5.00')], to: [opened] })
        .when({ to: 'b', amount })
        .thenRejected('INVALID_COMMAND', 400)
    },
  )
})

describe('a transfer', () => {
  const rich = [opened, deposited('100.00')]
  const options = { id: 'a', commandId: 'c-1' }

  test('debits the one and credits the other, with one id', () => {
    const data = { transferId: 't-1', amount: '40.00', currency: 'EUR', reference: 'rent' }
    givenAll(transfer, { from: rich, to: [opened] })
      .when({ to: 'b', amount: '40.00', transferId: 't-1', reference: 'rent' }, options)
      .thenEvents({
        from: [{ type: 'account.debited', data: { ...data, to: 'b' } }],
        to: [{ type: 'account.credited', data: { ...data, from: 'a' } }],
      })
  })

  test('has an id of its own when none is given: the same for the same command, another between others', () => {
    const idOf = (commandId: string, to: string) => {
      const decision = transfer.decide(
        { from: { currency: 'EUR', balance: 100 }, to: { currency: 'EUR', balance: 0 } },
        { to, amount: '1.00' },
        { id: 'a', ids: { from: 'a', to }, commandId, time: '' },
      )
      return JSON.stringify(decision).match(/"transferId":"(\w{32})"/)?.[1]
    }
    expect(idOf('x', 'b')).toBe(idOf('x', 'b'))
    expect(new Set([idOf('x', 'b'), idOf('y', 'b'), idOf('x', 'c')]).size).toBe(3)
  })

  test('may take from another account than the one it is addressed to', () => {
    givenAll(transfer, { from: rich, to: [opened] })
      .when({ from: 'z', to: 'a', amount: '1.00', transferId: 't' }, options)
      .thenEvents({
        from: [
          { type: 'account.debited', data: { transferId: 't', amount: '1.00', currency: 'EUR', to: 'a' } },
        ],
        to: [
          { type: 'account.credited', data: { transferId: 't', amount: '1.00', currency: 'EUR', from: 'z' } },
        ],
      })
  })

  test.each([
    ['INSUFFICIENT_FUNDS', 422, rich, [opened], { to: 'b', amount: '100.01' }],
    ['ACCOUNT_NOT_FOUND', 404, [], [opened], { to: 'b', amount: '1.00' }],
    ['ACCOUNT_NOT_FOUND', 404, rich, [], { to: 'b', amount: '1.00' }],
    ['SAME_ACCOUNT', 422, rich, rich, { to: 'a', amount: '1.00' }],
    ['SAME_ACCOUNT', 422, rich, rich, { from: 'b', to: 'b', amount: '1.00' }],
    [
      'BALANCE_LIMIT_EXCEEDED',
      422,
      rich,
      [opened, deposited('9999999999999.99')],
      { to: 'b', amount: '1.00' },
    ],
    [
      'CURRENCY_MISMATCH',
      422,
      rich,
      [{ type: 'account.opened', data: { owner: 'c-1', currency: 'USD' } } as const],
      { to: 'b', amount: '1.00' },
    ],
  ] as const)('is refused with %s', (code, status, from, to, data) => {
    givenAll(transfer, { from: [...from], to: [...to] })
      .when(data, options)
      .thenRejected(code, status)
  })
})
