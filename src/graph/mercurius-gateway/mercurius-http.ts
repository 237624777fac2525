import mercuriusGateway from '@mercuriusjs/gateway'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { type DocumentNode, buildSchema } from 'graphql/index.js'
import type { MercuriusContext } from 'mercurius'
import { operationOf } from '../http/coerce-variables.ts'
import { keepExtensions } from '../gateway/execution/extensions.ts'
import type { RequestOptions } from '../gateway/http/request.ts'
import { createRequestTracker } from '../gateway/http/request-tracker.ts'
import { type ReportFailure, reporting } from '../gateway/reporting.ts'
import type { Subgraph } from '../gateway/subgraph.ts'
import { type ServeSettings, createGraphHttp } from '../serve.ts'
import { SubgraphDispatcher } from './dispatcher.ts'
import { type SubgraphSdl } from './federation1/read-subgraph.ts'
import { toFederation1 } from './federation1/to-federation1.ts'
import { mendResolvers } from './mend-resolvers.ts'
import type { Served } from './served.ts'
import { withTypeConditions } from './type-conditions.ts'

export interface MercuriusGatewayOptions extends RequestOptions {
  /** As they say it themselves: Federation 2, or 1. */
  readonly subgraphs: readonly SubgraphSdl[]
  readonly connect: (name: string) => Subgraph
  readonly report: ReportFailure
  readonly settings: MercuriusGatewaySettings
  readonly logger: FastifyBaseLogger
}

export interface MercuriusGatewaySettings extends ServeSettings {
  /** Say in `extensions.headwater.resolution` which step served what. */
  readonly debug: boolean
  /** How long a whole operation may take, in milliseconds: what has not come by then is missing in the answer. */
  readonly timeoutMs: number
}

/** The engine wants an address for each subgraph, at which it never asks. */
const NOWHERE = 'http://subgraph.invalid/'
/** The engine puts its own in the place of it. */
const NOTHING = buildSchema('type Query { nothing: Boolean }')

/**
 * Serves subgraphs over HTTP as one graph, planned and executed by @mercuriusjs/gateway: for platforms without the native
 * planner. HTTP, limits and errors are those of every graph here.
 *
 * @throws EngineUnsuitedError when the engine cannot serve what the subgraphs say
 */
export function createMercuriusHttp({
  subgraphs,
  connect,
  report,
  settings: { debug, timeoutMs, ...settings },
  logger,
  ...reading
}: MercuriusGatewayOptions): FastifyInstance {
  const { subgraphs: texts, ownAnswers } = toFederation1(subgraphs)
  const { explain = true } = settings
  const requests = createRequestTracker(reading, { timeoutMs, debug, explain })
  const serving = new WeakMap<FastifyRequest, Served>()
  const typed = new WeakMap<DocumentNode, DocumentNode>()

  const services = texts.map(({ name, sdl }) => ({
    name,
    url: NOWHERE,
    schema: sdl,
    mandatory: true,
    agent: new SubgraphDispatcher(reporting(connect(name), report)),
  }))
  const app = createGraphHttp({
    schema: NOTHING,
    register(to, options) {
      to.register(mercuriusGateway.default, { ...options, gateway: { services } })
    },
    context: (request) => requests.context(request),
    report: (request) => requests.report(request),
    settings,
    logger,
  })
  app.addHook('onRequest', (request, reply, done) => {
    requests.begin(request, reply)
    done()
  })
  app.after(() => {
    mendResolvers(app.graphql.schema, ownAnswers, ({ reply }) => serving.get(reply.request))
    app.graphql.addHook('preExecution', async (schema, document, context, variables) => {
      const { request: raw } = context.reply
      const known = requests.of(raw)
      const operation = operationOf(document, raw)
      if (!known?.request || !operation) return undefined
      serving.set(raw, {
        request: known.request,
        operation,
        variables: variables ?? {},
        failures: [],
        fail: (error) => addError(context, error),
        note: (extensions) => keepExtensions(known, extensions),
      })
      const mended = typed.get(document) ?? withTypeConditions(schema, document)
      typed.set(document, mended)
      return mended === document ? undefined : { document: mended }
    })
  })
  return app
}

/** To the errors of the answer, where Mercurius takes them from. */
function addError(context: MercuriusContext, error: Error): void {
  const before: unknown = Reflect.get(context, 'errors')
  Reflect.set(context, 'errors', [...(Array.isArray(before) ? before : []), error])
}
