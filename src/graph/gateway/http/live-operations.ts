import { type ExecutionResult, OperationTypeNode } from 'graphql/index.js'
import { headersOf } from '../../live/origin-headers.ts'
import type { OperationOrigin, ResultStream } from '../../live/operation.ts'
import type { LiveServing } from '../../serve.ts'
import type { Gateway, GatewayAnswer } from '../gateway.ts'
import type { RequestReader, TracedRequest } from './request.ts'

/** How operations over WebSocket and as Server-Sent Events are executed: by the gateway itself, in one pass. */
export function liveOperations(
  gateway: Gateway,
  readRequest: RequestReader,
  { timeoutMs, explain }: { timeoutMs: number; explain: boolean },
): Omit<LiveServing, 'settings'> {
  const requestOf = ({ requestId: id, ...origin }: OperationOrigin, signal: AbortSignal) =>
    readRequest({ id, headers: headersOf({ requestId: id, ...origin }), signal })

  return {
    // No resolver of the schema is ever called.
    context: () => ({}),
    async run({ document, operation, variableValues: variables }, origin) {
      const operationName = operation.name?.value
      const asked = (request: TracedRequest) => ({ document, operationName, variables, request })
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        const request = await requestOf(origin, AbortSignal.timeout(timeoutMs))
        return resultOf(await gateway.execute(asked(request)), explain)
      }
      // It lives as long as its client wants it to.
      const request = await requestOf(origin, new AbortController().signal)
      return results(await gateway.subscribe(asked(request)), explain)
    },
  }
}

function resultOf({ data, errors, projections }: GatewayAnswer, explain: boolean): ExecutionResult {
  return {
    data,
    ...(errors.length > 0 && { errors }),
    ...(explain && projections && { extensions: { headwater: { projections } } }),
  }
}

function results(answers: AsyncIterableIterator<GatewayAnswer>, explain: boolean): ResultStream {
  const stream: ResultStream = {
    async next() {
      const { value, done } = await answers.next()
      return done === true ? { value: undefined, done } : { value: resultOf(value, explain), done: false }
    },
    async return() {
      await answers.return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
