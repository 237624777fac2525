import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { HeadwaterError } from '../../index.ts'
import { cents } from '../money.ts'
import type { GatewayAnswer, PaymentGateway } from './gateway.ts'
import { type Operation, behaviourOf } from './test-method.ts'

/** What the test gateway goes by. */
export interface TestGatewayRules {
  /** Authorizations of more than this are declined; `100000.00` unless given. */
  limit?: string
  /** How many idempotency keys are remembered, the latest ones; 10,000 unless given. */
  remembered?: number
}

class GatewayUnavailableError extends HeadwaterError {
  constructor() {
    super({
      code: 'PAYMENT_GATEWAY_UNAVAILABLE',
      status: 503,
      detail: 'The payment gateway cannot be reached now; send the command again with the same Command-Id',
      retryAfterMs: 500,
    })
  }
}

/** What is known of an idempotency key. */
interface Known {
  failures: number
  answer: GatewayAnswer | undefined
}

interface Asked {
  idempotencyKey: string
  paymentId: string
  method: string | undefined
}

/**
 * A gateway for tests, demonstrations and development: it moves no money, and does what the payment's method and amount
 * say (see `behaviourOf`). Its answers follow from the request alone, so that any replica, after any restart, gives the same.
 *
 * @example
 * const payments = paymentsContext({ gateway: createTestGateway({ limit: '500.00' }) })
 */
export function createTestGateway({
  limit = '100000.00',
  remembered = 10_000,
}: TestGatewayRules = {}): PaymentGateway {
  const known = new Map<string, Known>()

  function remember(key: string, what: Known): void {
    known.delete(key)
    known.set(key, what)
    const [oldest] = known.keys()
    if (known.size > remembered && oldest !== undefined) known.delete(oldest)
  }

  async function ask(operation: Operation, asked: Asked, signal: AbortSignal, refusal?: string) {
    const { idempotencyKey, paymentId, method } = asked
    const key = `${operation} ${paymentId} ${idempotencyKey}`
    const { failures = 0, answer } = known.get(key) ?? {}
    if (answer) return answer
    const behaviour = behaviourOf(operation, method)
    if (behaviour.afterMs > 0) await delay(behaviour.afterMs, undefined, { signal, ref: false })
    if (failures < behaviour.failures) {
      remember(key, { failures: failures + 1, answer: undefined })
      throw new GatewayUnavailableError()
    }
    const reason = behaviour.declines ? `the test gateway declines ${method}` : refusal
    const given: GatewayAnswer =
      reason === undefined
        ? { approved: true, reference: referenceOf(operation, key) }
        : { approved: false, reason }
    remember(key, { failures, answer: given })
    return given
  }

  return {
    authorize: (request, signal) =>
      ask(
        'authorize',
        request,
        signal,
        cents(request.amount) > cents(limit) ? `the amount is more than ${limit}` : undefined,
      ),
    capture: (request, signal) => ask('capture', request, signal),
    refund: (request, signal) => ask('refund', request, signal),
    void: (request, signal) => ask('void', request, signal),
  }
}

function referenceOf(operation: Operation, key: string): string {
  return `${operation}_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`
}
