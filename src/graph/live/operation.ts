import type { ExecutionResult, GraphQLError } from 'graphql/index.js'
import type { IncomingHttpHeaders } from 'node:http'
import type { AdmittedOperation } from '../http/admit.ts'

/** Those of a subscription as they come. They are made as they are asked for, one at a time. */
export interface ResultStream extends AsyncIterableIterator<ExecutionResult> {
  return(): Promise<IteratorResult<ExecutionResult>>
  [Symbol.asyncIterator](): ResultStream
}

/** Where an operation comes from, whichever way it came. */
export interface OperationOrigin {
  readonly transport: 'websocket' | 'event-stream'
  /** Of this operation alone. */
  readonly requestId: string
  /** Of the HTTP request, or of the one that opened the WebSocket. */
  readonly headers: IncomingHttpHeaders
  /** What a WebSocket client said of itself when it began. */
  readonly connectionParams: Readonly<Record<string, unknown>> | undefined
}

/** What is served, whichever way it is asked for. */
export interface OperationHost {
  /** Takes a request's parameters past every limit, with the schema of this moment; see `admit` of the limits. */
  admit(parameters: unknown): AdmittedOperation | readonly GraphQLError[]
  /**
   * What the resolvers get. Called anew for each payload of a subscription, so that nothing is remembered from one to the next: its
   * rows would be as old as the subscription.
   */
  context(this: void, origin: OperationOrigin): object | Promise<object>
  /** Executes an operation where the schema's own resolvers do not. */
  run?(
    this: void,
    operation: AdmittedOperation,
    origin: OperationOrigin,
  ): Promise<ExecutionResult | ResultStream>
  /** Hears of errors whose cause the client is not told, and by what id it may ask about them. */
  report(error: unknown, requestId?: string): void
}

export function isAdmitted(
  admitted: AdmittedOperation | readonly GraphQLError[],
): admitted is AdmittedOperation {
  return 'operation' in admitted
}
