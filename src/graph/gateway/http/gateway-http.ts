import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import {
  type DocumentNode,
  type OperationDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  buildSchema,
} from 'graphql/index.js'
import { operationOf } from '../../http/coerce-variables.ts'
import { type ServeSettings, createGraphHttp } from '../../serve.ts'
import { UnplannableError, UnservableKeyError } from '../errors.ts'
import type { Gateway, GatewayAnswer } from '../gateway.ts'
import type { LiveTransportSettings } from '../../live/transport-settings.ts'
import { liveOperations } from './live-operations.ts'
import type { RequestOptions } from './request.ts'
import { createRequestTracker } from './request-tracker.ts'

export interface GatewayHttpSettings extends Omit<ServeSettings, 'jit'> {
  /** Say in `extensions.headwater.resolution` which step served what. */
  readonly debug: boolean
  /** How long a whole operation may take, in milliseconds: what has not come by then is missing in the answer. */
  readonly timeoutMs: number
  /** Operations over WebSocket and as Server-Sent Events; neither unless given. */
  readonly live?: Partial<LiveTransportSettings>
}

export interface GatewayHttpOptions extends RequestOptions {
  readonly gateway: Gateway
  readonly settings: GatewayHttpSettings
  readonly logger: FastifyBaseLogger
}

/** What Mercurius is left to execute: nothing. The gateway has the answer by then, complete. */
const NOTHING = buildSchema('type Query { nothing: Boolean }')

/**
 * Serves one gateway over HTTP. Mercurius parses, validates and limits; the plan then runs in its `preExecution`, and the
 * answer takes the place of what it has executed: completed once, where its resolvers would complete everything again.
 */
export function createGatewayHttp({
  gateway,
  settings,
  logger,
  ...reading
}: GatewayHttpOptions): FastifyInstance {
  const { debug, timeoutMs, live, ...serving } = settings
  const { explain = true } = serving
  const requests = createRequestTracker(reading, { timeoutMs, debug, explain })
  const answers = new WeakMap<FastifyRequest, GatewayAnswer>()
  const stubs = new WeakMap<OperationDefinitionNode, DocumentNode>()

  const app = createGraphHttp({
    schema: gateway.schema,
    context: (request) => requests.context(request),
    report: (request) => requests.report(request),
    ...(live && {
      live: { settings: live, ...liveOperations(gateway, requests.read, { timeoutMs, explain }) },
    }),
    // Nothing of a client's operation is executed by resolvers: there is nothing to compile.
    settings: { ...serving, jit: 0 },
    logger,
  })
  app.addHook('onRequest', (request, reply, done) => {
    requests.begin(request, reply)
    done()
  })
  app.after(() => {
    app.graphql.addHook('preExecution', async (_, document, { reply: { request: raw } }, variables) => {
      const known = requests.of(raw)
      const operation = operationOf(document, raw)
      const request = known?.request
      if (!request || !operation) return undefined
      const operationName = operation.name?.value
      const answer = await gateway
        .execute({ document, operationName, variables: variables ?? {}, request })
        .catch(refuse)
      answers.set(raw, answer)
      known.projections = answer.projections
      const stub = stubs.get(operation) ?? stubOf(operation)
      stubs.set(operation, stub)
      return {
        schema: NOTHING,
        document: stub,
        ...(answer.errors.length > 0 && { errors: [...answer.errors] }),
      }
    })
    app.graphql.addHook('onResolution', (execution, { reply: { request } }) => {
      const answer = answers.get(request)
      if (answer) execution.data = answer.data
    })
  })
  return app
}

/** A request error of GraphQL, as a document that is not valid is: nothing of it has been executed. */
function refuse(error: unknown): never {
  if (error instanceof UnplannableError || error instanceof UnservableKeyError)
    throw new GraphQLError(error.message, { originalError: error })
  throw error
}

function stubOf({ name }: OperationDefinitionNode): DocumentNode {
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        ...(name && { name }),
        selectionSet: {
          kind: Kind.SELECTION_SET,
          selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
        },
      },
    ],
  }
}
