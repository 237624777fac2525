import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  OperationTypeNode,
  createSourceEventStream,
  execute,
} from 'graphql/index.js'
import { formatError } from '../format-error.ts'
import type { AdmittedOperation } from '../http/admit.ts'
import type { OperationHost, OperationOrigin, ResultStream } from './operation.ts'

/** Executes an operation. The results of a subscription have a context of their own each. */
export async function runOperation(
  host: OperationHost,
  admitted: AdmittedOperation,
  origin: OperationOrigin,
): Promise<ExecutionResult | ResultStream> {
  if (host.run) return await host.run(admitted, origin)
  const { operation, ...args } = admitted
  const contextValue = await host.context(origin)
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return await execute({ ...args, contextValue })
  const source = await createSourceEventStream({ ...args, contextValue })
  if (!isIterable(source)) return source
  const events = source[Symbol.asyncIterator]()
  const stream: ResultStream = {
    async next() {
      const { value, done } = await events.next()
      if (done === true) return { value: undefined, done }
      try {
        const result = await execute({ ...args, contextValue: await host.context(origin), rootValue: value })
        return { value: result, done: false }
      } catch (error) {
        // Who iterates does not end what has failed: nobody would leave the feed.
        await events.return?.()
        throw error
      }
    },
    async return() {
      await events.return?.()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

const isIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value

export const isStream = (result: ExecutionResult | ResultStream): result is ResultStream => isIterable(result)

/** A result as the client gets it. */
export function formatResult(
  host: OperationHost,
  result: { [Part in keyof ExecutionResult]: ExecutionResult[Part] | undefined },
  requestId: string,
): FormattedExecutionResult {
  const { data, errors, extensions } = result
  return {
    ...(data !== undefined && { data }),
    ...(errors && { errors: formatErrors(host, errors, requestId) }),
    ...(extensions && { extensions }),
  }
}

export function formatErrors(
  host: OperationHost,
  errors: readonly unknown[],
  requestId: string,
): GraphQLFormattedError[] {
  return errors.map((error) => formatError(error, requestId, (cause) => host.report(cause, requestId)))
}
