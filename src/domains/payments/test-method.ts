export type Operation = 'authorize' | 'capture' | 'refund' | 'void'

/** What the test gateway does with a request. */
export interface Behaviour {
  declines: boolean
  /** It fails so many times for an idempotency key before it answers; Infinity: always. */
  failures: number
  /** It answers after so many milliseconds. */
  afterMs: number
}

const METHOD = /^card-(?:(capture|refund|void)-)?(declined|unavailable|slow-(\d{1,6})|flaky-(\d{1,3}))$/
const FINE: Behaviour = { declines: false, failures: 0, afterMs: 0 }

/**
 * What a method makes the test gateway do. `card-declined`, `card-slow-200` (ms), `card-unavailable` and `card-flaky-2`
 * (fails twice) speak of authorize; `card-capture-declined`, `card-void-flaky-2` … of another operation. Any other method
 * is fine.
 */
export function behaviourOf(operation: Operation, method: string | undefined): Behaviour {
  const [, of = 'authorize', kind, afterMs = 0, failures = 0] = METHOD.exec(method ?? '') ?? []
  if (of !== operation) return FINE
  return {
    declines: kind === 'declined',
    failures: kind === 'unavailable' ? Number.POSITIVE_INFINITY : Number(failures),
    afterMs: Number(afterMs),
  }
}
