import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import type { ExecutionResult, GraphQLSchema } from 'graphql/index.js'
import { type MercuriusContext, type MercuriusOptions, mercurius } from 'mercurius'
import { coerceVariables, operationOf } from './http/coerce-variables.ts'
import {
  type ConnectionLimits,
  CONNECTION_LIMITS,
  connectionOptions,
  limitConnections,
  limitSending,
} from './http/connection-limits.ts'
import { RequestError } from './errors.ts'
import { federatedTrace, isTraced } from './federation/federated-trace.ts'
import { formatError } from './format-error.ts'
import { sendGraphiql } from './http/graphiql.ts'
import { checkContentType, errorSender, prepareRequest, requestErrorStatus } from './http/http.ts'
import { admit } from './http/admit.ts'
import { type Limits, createLimits } from './limits/create-limits.ts'
import { type LimitSettings, LIMITS } from './limits/settings.ts'
import { serveEventStream } from './live/event-stream.ts'
import type { OperationHost } from './live/operation.ts'
import type { LiveTransportSettings } from './live/transport-settings.ts'
import { serveWebSocket } from './live/websocket.ts'
import { endUnusedConnections } from './http/unused-connections.ts'

export interface ServeSettings {
  /** Serve the GraphiQL page, at `/graphiql` and for browsers at `/graphql`. */
  graphiql: boolean
  introspection: boolean
  /** Say more than was asked for: what an answer comes from, federated traces, hashes; true unless given. */
  explain?: boolean
  connections?: ConnectionLimits
  /** The largest request body, in bytes. */
  bodyLimit: number
  /** After how many runs an operation is compiled; 0 for never. */
  jit: number
  /** The most levels of an operation. */
  queryDepth: number
  limits?: Partial<LimitSettings>
}

export interface ServeOptions {
  schema: GraphQLSchema
  /** What the resolvers of a request get. */
  context: (request: FastifyRequest) => object | Promise<object>
  /** What the answer says beside its data, in `extensions.headwater`; nothing when undefined. */
  report: (request: FastifyRequest) => Record<string, unknown> | undefined
  /** Operations over WebSocket and as Server-Sent Events, subscriptions among them; neither unless given. */
  live?: LiveServing
  /** Registers Mercurius, as a part of something else; by itself unless given. */
  register?: (app: FastifyInstance, options: MercuriusOptions) => void
  settings: ServeSettings
  logger: FastifyBaseLogger
}

export interface LiveServing {
  readonly settings: Partial<LiveTransportSettings>
  /** What the resolvers get, for each payload anew. */
  readonly context: OperationHost['context']
  readonly run?: OperationHost['run']
}

/**
 * Serves a schema at `/graphql` by GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), with limits, and
 * GraphiQL if it is wanted: subgraphs and the gateway alike. Not listening yet: routes can still be added.
 */
export function createGraphHttp({
  schema,
  context,
  report,
  live,
  register = registerMercurius,
  settings,
  logger,
}: ServeOptions): FastifyInstance {
  const { graphiql, introspection, bodyLimit, jit, queryDepth, limits: given } = settings
  const { explain = true, connections = CONNECTION_LIMITS } = settings
  const limits = createLimits({ ...LIMITS, depth: queryDepth, introspection, ...given }, explain)
  const sendError = errorSender(limits)
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    http: connectionOptions(connections),
  })
  limitConnections(app.server, connections)
  limitSending(app, connections)
  endUnusedConnections(app)
  if (live) serveLive(app, live, { schema, limits, logger })
  register(app, {
    schema,
    jit,
    graphql: { parseOptions: { maxTokens: limits.maxTokens } },
    validationRules: [...limits.validationRules],
    context,
    errorHandler: sendError,
    errorFormatter,
    additionalRouteOptions: {
      // Its own schema would coerce parameters (`0` to `"0"`) and turn the numbers in an error's path into strings.
      schema: {},
      preParsing: async (request, _, payload) => {
        await checkContentType(request)
        return payload
      },
      preHandler: prepareRequest({ graphiql, limits }),
    },
  })
  app.after(() => addHooks(app, { limits, report, tellsTraces: explain && isTraced(schema) }))
  refuseOtherMethods(app, sendError)
  if (graphiql) app.get('/graphiql', sendGraphiql)
  // What a person types who was told a host and a port.
  app.get('/', (_, reply) => reply.redirect('/graphql'))
  return app
}

/** What executes beside Mercurius' route, past the same limits. */
function serveLive(
  app: FastifyInstance,
  { settings, context, run }: LiveServing,
  { schema, limits, logger }: Pick<ServeOptions, 'schema' | 'logger'> & { limits: Limits },
): void {
  const host = {
    admit: (parameters: unknown) => admit(limits, schema, parameters),
    context,
    ...(run && { run }),
    report: (error: unknown, reqId?: string) =>
      logger.error({ err: error, reqId }, 'a live operation failed'),
  }
  serveWebSocket(app, host, settings)
  serveEventStream(app, host, settings)
}

/** Before an operation is executed, and when it has been. */
function addHooks(
  app: FastifyInstance,
  { limits, report, tellsTraces }: Pick<ServeOptions, 'report'> & { limits: Limits; tellsTraces: boolean },
): void {
  app.graphql.addHook('preExecution', async (schema, document, { reply: { request } }, given) => {
    const variables = coerceVariables(schema, document, given ?? {}, request)
    const operation = operationOf(document, request)
    if (operation) limits.checkOperation(schema, document, operation, variables)
    return { variables }
  })
  app.graphql.addHook('onResolution', (execution, { reply: { request, elapsedTime } }) => {
    const said = report(request)
    if (said) execution.extensions = { headwater: said }
    if (!tellsTraces) return
    const { errors = [] } = execution
    const ftv1 = federatedTrace({ headers: request.headers, elapsedMs: elapsedTime, errors })
    if (ftv1 !== undefined) execution.extensions = { ...execution.extensions, ftv1 }
  })
}

function refuseOtherMethods(app: FastifyInstance, sendError: ReturnType<typeof errorSender>): void {
  app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: async () => {
      throw new RequestError({
        code: 'METHOD_NOT_ALLOWED',
        status: 405,
        detail: 'Send queries with GET or POST',
      })
    },
    errorHandler: (error, request, reply) =>
      void sendError(error, request, reply.header('allow', 'GET, POST')),
  })
}

function registerMercurius(app: FastifyInstance, options: MercuriusOptions): void {
  app.register(mercurius, options)
}

/** The errors of a result: those of its fields, or why nothing was executed. */
function errorFormatter(
  { data, errors }: ExecutionResult & Required<Pick<ExecutionResult, 'errors'>>,
  { reply }: MercuriusContext,
) {
  const { id, log } = reply.request
  const formatted = errors.map((error) =>
    formatError(error, id, (cause) => log.error({ err: cause, path: error.path }, 'a field failed')),
  )
  if (data === undefined) return { statusCode: requestErrorStatus(reply), response: { errors: formatted } }
  return { statusCode: 200, response: { data, errors: formatted } }
}
