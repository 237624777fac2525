import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OperationTypeNode } from 'graphql/index.js'
import type { AdmittedOperation } from '../http/admit.ts'
import { RequestError } from '../errors.ts'
import { parseQueryString } from '../http/request-parameters.ts'
import { TooManyConnectionsError } from './errors.ts'
import { type EventWriter, openEventWriter } from './event-writer.ts'
import { type OperationHost, type OperationOrigin, isAdmitted } from './operation.ts'
import { formatErrors, formatResult, isStream, runOperation } from './run-operation.ts'
import { type LiveTransportSettings, STANDARD_TRANSPORT } from './transport-settings.ts'

const PATH = '/graphql'
/** Others are refused as they are for any request. */
const METHODS = ['GET', 'POST']
const EVENT_STREAM = /(^|,)\s*text\/event-stream\s*(;|,|$)/i

/**
 * Serves GraphQL over Server-Sent Events at `/graphql`: requests that accept `text/event-stream`, in distinct connections mode
 * (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). An operation that is refused is answered as any other
 * request is; one that is executed, with `next` for each result and `complete` at its end. To be called before the app is ready.
 */
export function serveEventStream(
  app: FastifyInstance,
  host: OperationHost,
  given: Partial<LiveTransportSettings> = {},
): void {
  const settings = { ...STANDARD_TRANSPORT, ...given }
  const open = new Set<EventWriter>()
  let closing = false

  async function serve(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (closing || open.size >= settings.maxConnections) throw new TooManyConnectionsError()
    const isGet = request.method !== 'POST'
    const operation = host.admit(isGet ? parseQueryString(request.query) : request.body)
    if (!isAdmitted(operation)) return await refuse(host, operation, request, reply)
    if (isGet) refuseMutation(operation, reply)
    const { id: requestId, headers } = request
    const origin = { transport: 'event-stream', requestId, headers, connectionParams: undefined } as const
    const writer = openEventWriter(reply, settings.keepAliveMs)
    open.add(writer)
    try {
      await send(host, writer, operation, origin)
    } catch (error) {
      await writer.next({ errors: formatErrors(host, [error], requestId) })
    } finally {
      open.delete(writer)
      writer.complete()
    }
  }

  app.addHook('preHandler', async (request, reply) => {
    const { method, routeOptions, headers } = request
    const isServed = routeOptions.url === PATH && METHODS.includes(method)
    if (!isServed || !EVENT_STREAM.test(headers.accept ?? '')) return undefined
    await serve(request, reply).catch((error: unknown) => refuse(host, [error], request, reply))
    return reply
  })
  app.addHook('preClose', async () => {
    closing = true
    await Promise.all([...open].map((writer) => writer.shutDown(settings.closeTimeoutMs)))
  })
}

async function send(
  host: OperationHost,
  writer: EventWriter,
  operation: AdmittedOperation,
  origin: OperationOrigin,
): Promise<void> {
  const results = await runOperation(host, operation, origin)
  const { requestId } = origin
  if (!isStream(results)) return await writer.next(formatResult(host, results, requestId))
  writer.onEnd(() => void results.return().catch((error: unknown) => host.report(error, requestId)))
  for await (const result of results) await writer.next(formatResult(host, result, requestId))
}

/** As any other request is that was not executed. */
async function refuse(
  host: OperationHost,
  errors: readonly unknown[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const formatted = formatErrors(host, errors, request.id)
  const status = formatted[0]?.extensions?.['status']
  await reply
    .code(typeof status === 'number' ? status : 500)
    .type('application/json; charset=utf-8')
    .send({ errors: formatted })
}

function refuseMutation({ operation }: AdmittedOperation, reply: FastifyReply): void {
  if (operation.operation !== OperationTypeNode.MUTATION) return
  reply.header('allow', 'POST')
  throw new RequestError({
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
    detail: 'Only queries and subscriptions can be sent with GET; send this with POST',
  })
}
