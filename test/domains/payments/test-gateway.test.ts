import { describe, expect, it } from 'vitest'
import { createTestGateway } from '../../../src/domains/payments/test-gateway.ts'

const never = new AbortController().signal
const asked = (method: string, idempotencyKey = 'k-1', amount = '10.00') => ({
  idempotencyKey,
  paymentId: 'p-1',
  orderId: 'o-1',
  amount,
  currency: 'EUR',
  method,
})
const later = (method: string) => ({ ...asked(method), authorization: 'a-1', reason: 'damaged' })

describe('the test gateway', () => {
  it('approves, and its reference follows from the request, whichever gateway is asked', async () => {
    const answer = await createTestGateway().authorize(asked('card-1'), never)
    expect(answer).toEqual({ approved: true, reference: expect.stringMatching(/^authorize_[0-9a-f]{16}$/) })
    expect(await createTestGateway().authorize(asked('card-1'), never)).toEqual(answer)
    expect(await createTestGateway().authorize(asked('card-1', 'k-2'), never)).not.toEqual(answer)
  })

  it('declines card-declined, and more than its limit', async () => {
    const gateway = createTestGateway({ limit: '50.00' })
    expect(await gateway.authorize(asked('card-declined'), never)).toMatchObject({ approved: false })
    expect(await gateway.authorize(asked('card-1', 'a', '50.00'), never)).toMatchObject({ approved: true })
    expect(await gateway.authorize(asked('card-1', 'b', '50.01'), never)).toEqual({
      approved: false,
      reason: 'the amount is more than 50.00',
    })
    const standard = createTestGateway()
    expect(await standard.authorize(asked('c', 'a', '100000.00'), never)).toMatchObject({ approved: true })
    expect(await standard.authorize(asked('c', 'b', '100000.01'), never)).toMatchObject({ approved: false })
  })

  it('is not there for card-unavailable, and for card-flaky-2 only the third time', async () => {
    const gateway = createTestGateway()
    const unavailable = { code: 'PAYMENT_GATEWAY_UNAVAILABLE', status: 503, retryAfterMs: 500 }
    for (let time = 0; time < 5; time++)
      await expect(gateway.authorize(asked('card-unavailable'), never)).rejects.toMatchObject(unavailable)
    for (let time = 0; time < 2; time++)
      await expect(gateway.authorize(asked('card-flaky-2', 'k'), never)).rejects.toMatchObject(unavailable)
    expect(await gateway.authorize(asked('card-flaky-2', 'k'), never)).toMatchObject({ approved: true })
  })

  it('takes its time for card-slow-100, and stops when nobody waits any more', async () => {
    const gateway = createTestGateway()
    const before = performance.now()
    expect(await gateway.authorize(asked('card-slow-100'), never)).toMatchObject({ approved: true })
    expect(performance.now() - before).toBeGreaterThan(95)
    const stop = new AbortController()
    const slow = gateway.authorize(asked('card-slow-100000', 'k-2'), stop.signal)
    stop.abort()
    await expect(slow).rejects.toThrow()
  })

  it('does so with the operation that a method names, and with no other', async () => {
    const gateway = createTestGateway()
    for (const operation of ['capture', 'refund', 'void'] as const) {
      expect(await gateway[operation](later('card-declined'), never)).toMatchObject({ approved: true })
      const method = `card-${operation}-declined`
      expect(await gateway.authorize(asked(method, operation), never)).toMatchObject({ approved: true })
      const request = { ...later(method), idempotencyKey: operation }
      expect(await gateway[operation](request, never)).toMatchObject({ approved: false })
    }
  })

  it('answers a key as it did first, and forgets the oldest of more than it remembers', async () => {
    const gateway = createTestGateway({ remembered: 2 })
    const declined = await gateway.authorize(asked('card-declined', 'a'), never)
    expect(await gateway.authorize(asked('card-1', 'a'), never)).toEqual(declined)
    await gateway.authorize(asked('card-1', 'b'), never)
    await gateway.authorize(asked('card-1', 'c'), never)
    expect(await gateway.authorize(asked('card-1', 'a'), never)).toMatchObject({ approved: true })
  })
})
