import { SubgraphError } from '../gateway/errors.ts'
import type { SubgraphRequest } from '../gateway/subgraph.ts'
import { UnsuitedError } from './errors.ts'
import { outcomeOf, wasNotSent } from './guard.ts'
import type { GuardedStep } from './guarded-step.ts'

/** What a step does for a request; undefined when the request does not suit it. */
export type Attempt<T> = (step: GuardedStep) => ((signal: AbortSignal) => Promise<T>) | undefined

/**
 * Tries steps in their order until one serves. What failed, was too slow, or was not begun makes the next one's turn; a
 * mutation that may have been sent is not sent again.
 *
 * @throws SubgraphError when none served; whatever the client's signal says when the client is gone
 */
export async function tryInOrder<T>(
  subgraph: string,
  steps: readonly GuardedStep[],
  request: SubgraphRequest,
  attempt: Attempt<T>,
): Promise<T> {
  const { signal } = request.request
  const errors: unknown[] = []
  for (const step of steps) {
    signal.throwIfAborted()
    const work = attempt(step)
    if (!work) {
      step.record(request, 'skipped', 0)
      continue
    }
    const started = performance.now()
    try {
      const value = await step.guard.run(signal, work)
      step.record(request, 'served', performance.now() - started)
      return value
    } catch (error) {
      signal.throwIfAborted()
      step.record(request, outcomeOf(error), performance.now() - started)
      errors.push(error)
      if (request.operation.kind === 'mutation' && !wasNotSent(error)) break
    }
  }
  throw unavailable(subgraph, errors)
}

function unavailable(subgraph: string, errors: readonly unknown[]): SubgraphError {
  const failures = errors.filter((error) => !(error instanceof UnsuitedError))
  const last = failures.at(-1)
  if (failures.length === 1 && last instanceof SubgraphError) return last
  const isLate = last !== undefined && outcomeOf(last) === 'timeout'
  const cause =
    failures.length > 1
      ? new AggregateError(failures, failures.map(String).join('; '))
      : (last ?? errors.at(-1))
  return new SubgraphError(subgraph, isLate ? 'SUBGRAPH_TIMEOUT' : 'SUBGRAPH_UNAVAILABLE', cause)
}
