import {
  type CircuitState,
  type IBreaker,
  type Policy,
  ConsecutiveBreaker,
  SamplingBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import { ClientGoneError, UnsuitedError } from './errors.ts'
import type { BreakerLimits } from './limits.ts'

/** Neither of these says that something is wrong with the step. */
const failures: Policy = handleWhen(
  (error) => !(error instanceof ClientGoneError) && !(error instanceof UnsuitedError),
)

/** A circuit breaker that opens by failures in a row as well as by their share in a window, and closes after n successes. */
export function createBreaker(limits: BreakerLimits) {
  return circuitBreaker(failures, {
    breaker: either(limits),
    halfOpenAfter: limits.openMs,
    halfOpenSampling: { calls: limits.halfOpenCalls, threshold: 0 },
  })
}

/** In a row: what is down is noticed however few calls there are. By share: so is what fails now and then under load. */
function either({ consecutiveFailures, failureRatio, windowMs, minimumCalls }: BreakerLimits): IBreaker {
  const breakers = [
    new ConsecutiveBreaker(consecutiveFailures),
    new SamplingBreaker({
      threshold: failureRatio,
      duration: windowMs,
      minimumRps: minimumCalls / (windowMs / 1000),
    }),
  ] satisfies IBreaker[]
  return {
    state: undefined,
    success: (state: CircuitState) => breakers.forEach((breaker: IBreaker) => breaker.success(state)),
    failure: (state: CircuitState) =>
      breakers.map((breaker: IBreaker) => breaker.failure(state)).includes(true),
  }
}
