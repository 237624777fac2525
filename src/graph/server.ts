import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import { type ExecutionResult, NoSchemaIntrospectionCustomRule } from 'graphql/index.js'
import type { Kysely } from 'kysely'
import { type MercuriusContext, mercurius } from 'mercurius'
import type { KernelTables } from '../projections/kernel-tables.ts'
import type { AnyTables } from '../projections/definition.ts'
import type { CommandSender } from '../commands/command-sender.ts'
import type { EventLog } from '../streams/event-log.ts'
import type { EventSource } from '../streams/recorded-event.ts'
import { coerceVariables, operationOf } from './coerce-variables.ts'
import { AT_LEAST_HEADER, parseAtLeast } from './at-least.ts'
import { cached } from './cached.ts'
import { composeSchema } from './compose.ts'
import { createContext } from './context.ts'
import type { GraphDefinition } from './define-graph.ts'
import { depthRule, fieldsRule } from './limit-rules.ts'
import { RequestError } from './errors.ts'
import { formatError } from './format-error.ts'
import { createGate } from './gate.ts'
import { sendGraphiql } from './graphiql.ts'
import { assertSize } from './size-limit.ts'
import { createHistoryReader } from './history-reader.ts'
import { type ProjectionFacts, createLags, overviewsOf } from './projection-overview.ts'
import { streamsOfProjections } from './projection-source.ts'
import { type Reads, createReads } from './reads.ts'
import { checkContentType, prepareRequest, requestErrorStatus, sendError } from './http.ts'

export interface GraphSettings {
  /** Serve the GraphiQL page, at `/graphiql` and for browsers at `/graphql`. */
  graphiql: boolean
  introspection: boolean
  /** The largest request body, in bytes. */
  bodyLimit: number
  /** The most items of a page. */
  maxPage: number
  /** After how many runs an operation is compiled; 0 for never. */
  jit: number
  /** The most levels of an operation. */
  queryDepth: number
  /** How many histories are read from the logs at a time. */
  historyConcurrency: number
  /** How long a query waits for a projection to reach a position, in milliseconds. */
  atLeastTimeoutMs: number
}

export interface GraphServerOptions {
  graphs: GraphDefinition[]
  /** The log of each aggregate, by the aggregate's name. */
  sources: ReadonlyMap<string, { log: EventLog; source: EventSource }>
  namespace: string
  db: Kysely<KernelTables>
  sender: CommandSender
  projections: ProjectionFacts
  settings: GraphSettings
  logger: FastifyBaseLogger
}

export interface GraphServer {
  /** Not listening yet: routes can still be added. */
  readonly app: FastifyInstance
  /** Takes no new requests, answers those that are under way. */
  close(): Promise<void>
}

/** About ten times what GraphiQL's introspection takes. */
const MAX_TOKENS = 5000
/** As many fields, where fragments are opened: they are no way to ask for more. */
const MAX_FIELDS = MAX_TOKENS
/** 100 orders with 100 events each and 20 more of whatever else. */
const MAX_NODES = 20_000
/** So many rounds of history reads may wait, at 5 to 10 ms each: what comes later would wait longer than it is worth. */
const QUEUE_ROUNDS = 64
/** How old what is said of the projections may be: it takes a few statements and a look at the logs to know. */
const OVERVIEW_MS = 1000

/**
 * The HTTP server of the graph: `/graphql`, and GraphiQL if it is wanted. The caller lets it listen.
 * @throws TypeError or GraphQLError when the graphs do not fit together
 */
export function createGraphServer(options: GraphServerOptions): GraphServer {
  const { graphs, sources, namespace, db, sender, projections, settings, logger } = options
  const { graphiql, introspection, bodyLimit, maxPage, jit, queryDepth, historyConcurrency } = settings
  const overviews = cached(() => overviewsOf(projections), OVERVIEW_MS)
  const streams = new Map([...sources].map(([aggregate, { log }]) => [aggregate, log.stream]))
  const reading = {
    applied: projections.applied,
    streamsOf: streamsOfProjections(streams),
    lagOf: createLags(projections.running, overviews),
    timeoutMs: settings.atLeastTimeoutMs,
  }
  const readsOf = new WeakMap<FastifyRequest, Reads>()
  const gate = createGate(historyConcurrency, historyConcurrency * QUEUE_ROUNDS)
  const reader = createHistoryReader({ sources, namespace, gate })
  const types = graphs.flatMap(({ entities = [] }) => entities)
  const entities = new Map(types.map(({ type, resolve }) => [type, resolve]))
  const shared = {
    db: db.$extendTables<AnyTables>().$omitTables<keyof KernelTables>(),
    reader,
    sender,
    entities,
    maxPage,
    aggregates: [...sources.keys()],
    projections: () => overviews.get(),
  }

  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
  })
  app.register(mercurius, {
    schema: composeSchema(graphs),
    jit,
    graphql: { parseOptions: { maxTokens: MAX_TOKENS } },
    validationRules: [
      depthRule(queryDepth),
      fieldsRule(MAX_FIELDS),
      ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ],
    context(request) {
      const { id, headers } = request
      // A malformed header is refused before anything is executed.
      const reads = createReads(reading, parseAtLeast(headers[AT_LEAST_HEADER]) ?? new Map())
      readsOf.set(request, reads)
      return createContext(shared, {
        requestId: id,
        correlationId: visible(headers['correlation-id']),
        reads,
      })
    },
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
      const read = readsOf.get(request)?.report()
      if (read) execution.extensions = { headwater: { projections: read } }
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
  return { app, close: async () => await app.close() }
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

function visible(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : undefined
}
