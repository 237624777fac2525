import type { GraphQLError } from 'graphql/index.js'
import type { IncomingHttpHeaders } from 'node:http'
import type { AdmittedOperation } from '../limits/admit.ts'

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
  context(origin: OperationOrigin): object | Promise<object>
  /** Hears of errors whose cause the client is not told. */
  report(error: unknown): void
}

export function isAdmitted(
  admitted: AdmittedOperation | readonly GraphQLError[],
): admitted is AdmittedOperation {
  return 'operation' in admitted
}
