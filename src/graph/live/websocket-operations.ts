import { type Context, type Server, type SubscribePayload, makeServer } from 'graphql-ws'
import { type ExecutionArgs, GraphQLError } from 'graphql/index.js'
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { AdmittedOperation } from '../http/admit.ts'
import { TooManyOperationsError } from './errors.ts'
import { type OperationHost, type OperationOrigin, isAdmitted } from './operation.ts'
import { formatErrors, formatResult, isStream, runOperation } from './run-operation.ts'
import { type UnderWay, createUnderWay } from './under-way.ts'

/** What is known of the connection that an operation came by. */
export interface ConnectionFacts {
  headers: IncomingHttpHeaders
}

interface Admitted {
  operation: AdmittedOperation
  origin: OperationOrigin
  underWay: UnderWay
}

type Connection = Context<Record<string, unknown>, ConnectionFacts>

/**
 * The operations of WebSocket connections, by the graphql-transport-ws protocol
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), admitted and executed as the host says.
 */
export function operationServer(
  host: OperationHost,
  { maxOperations, initTimeoutMs }: { maxOperations: number; initTimeoutMs: number },
): Server<ConnectionFacts> {
  const admitted = new WeakMap<ExecutionArgs, Admitted>()
  const connections = new WeakMap<ConnectionFacts, UnderWay>()

  function underWayOf({ extra }: Connection): UnderWay {
    const known = connections.get(extra) ?? createUnderWay()
    connections.set(extra, known)
    return known
  }

  function admit(connection: Connection, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] {
    const { extra, connectionParams } = connection
    const underWay = underWayOf(connection)
    if (underWay.count() >= maxOperations) {
      const error = new TooManyOperationsError(maxOperations)
      return [new GraphQLError(error.message, { originalError: error })]
    }
    const operation = host.admit(payload)
    if (!isAdmitted(operation)) return operation
    const { schema, document, operationName, variableValues } = operation
    const args = { schema, document, operationName, variableValues }
    const { headers } = extra
    const origin = { transport: 'websocket' as const, requestId: randomUUID(), headers, connectionParams }
    underWay.begin(args)
    admitted.set(args, { operation, origin, underWay })
    return args
  }

  function admittedOf(args: ExecutionArgs) {
    const found = admitted.get(args)
    if (!found) throw new TypeError('An operation is executed that was not admitted')
    return found
  }

  async function run(args: ExecutionArgs) {
    const { operation, origin, underWay } = admittedOf(args)
    try {
      const results = await runOperation(host, operation, origin)
      if (isStream(results)) return underWay.streams(args, results)
      underWay.end(args)
      return results
    } catch (error) {
      underWay.end(args)
      throw error
    }
  }

  return makeServer<Record<string, unknown>, ConnectionFacts>({
    connectionInitWaitTimeout: initTimeoutMs,
    onSubscribe: (connection, _, payload) => admit(connection, payload),
    execute: run,
    subscribe: run,
    onNext: (_, __, ___, args, result) => formatResult(host, result, admittedOf(args).origin.requestId),
    onClose: (connection) => underWayOf(connection).endAll(),
    onError: (_, __, ___, errors) => formatErrors(host, errors, randomUUID()),
  })
}
