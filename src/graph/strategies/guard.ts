import {
  BrokenCircuitError,
  CircuitState,
  bulkhead,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel'
import { SubgraphError } from '../gateway/errors.ts'
import type { Outcome } from '../gateway/subgraph.ts'
import { createBreaker } from './breaker.ts'
import { forClient, withDeadline } from './deadline.ts'
import { StepTimeoutError, UnsuitedError } from './errors.ts'
import type { StepLimits } from './limits.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What keeps a failing or slow step from being waited for again and again: bulkhead, breaker and deadline, in this order. */
export interface Guard {
  /**
   * @param client the client's own signal: when it goes, the work is stopped, and nothing is counted
   * @throws whatever the work does; an error whose `outcomeOf` is `open` or `full` when the work was not begun
   */
  run<T>(client: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  readonly state: BreakerState
}

export interface GuardOptions {
  limits: StepLimits
  /** The work ends by itself within `limits.timeoutMs`. */
  keepsTime: boolean
  /** Hears of every change of the breaker, with the failure that made it. */
  onState: (state: BreakerState, cause: unknown) => void
}

/** For work that goes on whoever waits for it. */
const NEVER = new AbortController().signal

export function createGuard({
  limits: { timeoutMs, maxConcurrent, breaker: limits },
  keepsTime,
  onState,
}: GuardOptions): Guard {
  // No queue: what waits here would rather be with the next step.
  const room = bulkhead(maxConcurrent)
  const breaker = createBreaker(limits)
  let probes = 0
  breaker.onHalfOpen(() => (probes = 0))
  breaker.onStateChange(() => onState(nameOf(breaker.state), causeOf(breaker.lastFailure)))

  return {
    get state() {
      return nameOf(breaker.state)
    },
    async run(client, work) {
      // cockatiel lets further calls wait for the probes; here they go on to the next step.
      if (breaker.state === CircuitState.HalfOpen && probes >= limits.halfOpenCalls) {
        throw new BrokenCircuitError()
      }
      return room.execute(() =>
        breaker.execute(() => {
          const isProbe = breaker.state === CircuitState.HalfOpen
          if (isProbe) probes += 1
          // A probe goes on without its client: stopped, it would say nothing of the step, and count as a success.
          const whose = isProbe ? undefined : client
          return keepsTime ? forClient(whose ?? NEVER, work) : withDeadline(timeoutMs, whose, work)
        }),
      )
    },
  }
}

/** How a step came off, by what it threw. */
export function outcomeOf(error: unknown): Exclude<Outcome, 'served'> {
  if (isBrokenCircuitError(error)) return 'open'
  if (isBulkheadRejectedError(error)) return 'full'
  if (error instanceof UnsuitedError) return 'skipped'
  const isLate =
    error instanceof StepTimeoutError || (error instanceof SubgraphError && error.code === 'SUBGRAPH_TIMEOUT')
  return isLate ? 'timeout' : 'failed'
}

/** True when the step was not begun: whatever was to be sent was not. */
export function wasNotSent(error: unknown): boolean {
  return isBrokenCircuitError(error) || isBulkheadRejectedError(error)
}

function nameOf(state: CircuitState): BreakerState {
  if (state === CircuitState.Closed) return 'closed'
  return state === CircuitState.HalfOpen ? 'half-open' : 'open'
}

function causeOf(failure: object | undefined): unknown {
  return failure && 'error' in failure ? failure.error : undefined
}
