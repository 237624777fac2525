import { expect, it } from 'vitest'
import { createPositionWaiters } from '../../src/projections/positions/position-waiters.ts'

const at = (sequence: number, stream = 'BANK') => ({ stream, sequence })
const LONG_MS = 60_000

it('wakes those whose position is reached, of that projection and stream, and nobody else', async () => {
  const waiters = createPositionWaiters(10)
  const two = waiters.wait('account', at(2), LONG_MS)
  const three = waiters.wait('account', at(3), LONG_MS)
  const elsewhere = [waiters.wait('order', at(1), LONG_MS), waiters.wait('account', at(1, 'POST'), LONG_MS)]
  expect(waiters.size).toBe(4)
  waiters.reached('account', 'BANK', 1)
  expect(waiters.size).toBe(4)
  waiters.reached('account', 'BANK', 2)
  expect(await two).toBe(true)
  expect(waiters.size).toBe(3)
  waiters.reached('account', 'BANK', 9)
  expect(await three).toBe(true)
  waiters.close()
  expect(await Promise.all(elsewhere)).toEqual([false, false])
  expect(waiters.size).toBe(0)
})

it('is over when the time is', async () => {
  const waiters = createPositionWaiters(1)
  expect(await waiters.wait('account', at(1), 5)).toBe(false)
  expect(waiters.size).toBe(0)
  // What comes now finds nobody.
  waiters.reached('account', 'BANK', 1)
})

it('takes so many and no more, and one again for each that has gone', async () => {
  const waiters = createPositionWaiters(2)
  const waiting = [waiters.wait('account', at(1), LONG_MS), waiters.wait('account', at(1), LONG_MS)]
  await expect(waiters.wait('account', at(1), LONG_MS)).rejects.toMatchObject({ code: 'OVERLOADED' })
  waiters.reached('account', 'BANK', 1)
  expect(await Promise.all(waiting)).toEqual([true, true])
  const again = waiters.wait('account', at(2), LONG_MS)
  waiters.close()
  expect(await again).toBe(false)
})
