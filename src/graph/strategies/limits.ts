import type { StrategyName } from '../gateway/subgraph.ts'

/** What a step of a chain is held to. Times in milliseconds. */
export interface StepLimits {
  /** How long the step may take; then the next one is tried. */
  readonly timeoutMs: number
  /** The most calls at a time; one more goes to the next step at once. */
  readonly maxConcurrent: number
  readonly breaker: BreakerLimits
}

export interface BreakerLimits {
  /** So many failures in a row open it. */
  readonly consecutiveFailures: number
  /** So does this share of failures, 0 to 1, of the calls in the window … */
  readonly failureRatio: number
  readonly windowMs: number
  /** … when there were at least so many. */
  readonly minimumCalls: number
  /** How long it stays open before it lets a few calls through. */
  readonly openMs: number
  /** So many of these have to succeed, all of them, to close it. */
  readonly halfOpenCalls: number
}

/** What is not given is the default. */
export type StepSettings = Partial<Omit<StepLimits, 'breaker'>> & {
  readonly breaker?: Partial<BreakerLimits>
}

const BREAKER: BreakerLimits = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  windowMs: 10_000,
  minimumCalls: 20,
  openMs: 5000,
  halfOpenCalls: 3,
}

/** A table has to answer sooner: there is still the subgraph to ask. */
const TIMEOUT_MS: Record<StrategyName, number> = {
  local: 10_000,
  'direct-db': 2000,
  fdw: 2000,
  http: 10_000,
}

const MAX_CONCURRENT = 200

/** The limits of a step: those of its own, then those of its subgraph, then the defaults. */
export function limitsOf(
  strategy: StrategyName,
  ...settings: readonly (StepSettings | undefined)[]
): StepLimits {
  return settings.toReversed().reduce<StepLimits>(
    (limits, given) => ({
      ...limits,
      ...given,
      breaker: { ...limits.breaker, ...given?.breaker },
    }),
    { timeoutMs: TIMEOUT_MS[strategy], maxConcurrent: MAX_CONCURRENT, breaker: BREAKER },
  )
}
