import { UnplannableError } from './errors.ts'
import { createExecution } from './execution/execution.ts'
import type { GatewayAnswer } from './gateway.ts'
import type { Active } from './operation/active.ts'
import type { PreparedOperation } from './operation/prepare.ts'
import type { GatewayRequest, SubgraphResult } from './subgraph.ts'

export interface SubscriptionOptions {
  readonly variables: Readonly<Record<string, unknown>>
  readonly request: GatewayRequest
  readonly active: Active
  /** Aborted with the reason why nothing more comes. */
  readonly closing: AbortController
}

/**
 * Subscribes at the subgraph that has the field, and runs the rest of the plan for each of its events, one after the other, so
 * that they stay in order. An iterator by hand: a generator could not be ended while it waits for an event.
 */
export function subscribeWith(
  { plan, complete }: PreparedOperation,
  { variables, request, active, closing }: SubscriptionOptions,
): AsyncIterableIterator<GatewayAnswer> {
  const { primary, run } = plan
  if (!primary) throw new UnplannableError(new Error('a subscription that nothing has to be fetched for'))
  const left = new AbortController()
  const signal = AbortSignal.any([request.signal, left.signal, closing.signal])
  const own: GatewayRequest = { ...request, signal, resolved: (resolution) => request.resolved(resolution) }
  const upstream = primary.subgraph.subscribe(primary.request(createExecution(variables, own)))
  const events = upstream[Symbol.asyncIterator]()

  async function answer(event: SubgraphResult): Promise<GatewayAnswer> {
    active.begin()
    try {
      const execution = createExecution(variables, own)
      primary?.accept(execution, event)
      await run(execution)
      return { ...complete(execution), projections: execution.projections }
    } finally {
      active.end()
    }
  }

  return {
    async next() {
      try {
        const event = await events.next()
        closing.signal.throwIfAborted()
        return event.done === true ? { done: true, value: undefined } : { value: await answer(event.value) }
      } catch (error) {
        // Who iterates does not end what has failed: the subgraph would be listened to for nobody.
        left.abort()
        throw error
      }
    },
    async return() {
      left.abort()
      await events.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
