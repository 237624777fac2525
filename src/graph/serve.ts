import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import { type ExecutionResult, type GraphQLSchema, NoSchemaIntrospectionCustomRule } from 'graphql/index.js'
import { type MercuriusContext, mercurius } from 'mercurius'
import { coerceVariables, operationOf } from './coerce-variables.ts'
import { RequestError } from './errors.ts'
import { formatError } from './format-error.ts'
import { sendGraphiql } from './graphiql.ts'
import { checkContentType, prepareRequest, requestErrorStatus, sendError } from './http.ts'
import { depthRule, fieldsRule } from './limit-rules.ts'
import { assertSize } from './size-limit.ts'

export interface ServeSettings {
  /** Serve the GraphiQL page, at `/graphiql` and for browsers at `/graphql`. */
  graphiql: boolean
  introspection: boolean
  /** The largest request body, in bytes. */
  bodyLimit: number
  /** After how many runs an operation is compiled; 0 for never. */
  jit: number
  /** The most levels of an operation. */
  queryDepth: number
}

export interface ServeOptions {
  schema: GraphQLSchema
  /** What the resolvers of a request get. */
  context(request: FastifyRequest): object
  /** What the answer says beside its data, in `extensions.headwater`; nothing when undefined. */
  report(request: FastifyRequest): Record<string, unknown> | undefined
  settings: ServeSettings
  logger: FastifyBaseLogger
}

/** About ten times what GraphiQL's introspection takes. */
const MAX_TOKENS = 5000
/** As many fields, where fragments are opened: they are no way to ask for more. */
const MAX_FIELDS = MAX_TOKENS
/** 100 orders with 100 events each and 20 more of whatever else. */
const MAX_NODES = 20_000

/**
 * Serves a schema at `/graphql` by GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), with limits, and
 * GraphiQL if it is wanted: subgraphs and the gateway alike. Not listening yet: routes can still be added.
 */
export function createGraphHttp({
  schema,
  context,
  report,
  settings: { graphiql, introspection, bodyLimit, jit, queryDepth },
  logger,
}: ServeOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
  })
  app.register(mercurius, {
    schema,
    jit,
    graphql: { parseOptions: { maxTokens: MAX_TOKENS } },
    validationRules: [
      depthRule(queryDepth),
      fieldsRule(MAX_FIELDS),
      ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ],
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
      preHandler: prepareRequest({ graphiql, maxTokens: MAX_TOKENS }),
    },
  })
  app.after(() => {
    app.graphql.addHook('preExecution', async (schema, document, { reply: { request } }, given) => {
      const variables = coerceVariables(schema, document, given ?? {}, request)
      const operation = operationOf(document, request)
      if (operation) assertSize(schema, document, operation, variables, MAX_NODES)
      return { variables }
    })
    app.graphql.addHook('onResolution', (execution, { reply: { request } }) => {
      const said = report(request)
      if (said) execution.extensions = { headwater: said }
    })
  })
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
  if (graphiql) app.get('/graphiql', sendGraphiql)
  // What a person types who was told a host and a port.
  app.get('/', (_, reply) => reply.redirect('/graphql'))
  return app
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
