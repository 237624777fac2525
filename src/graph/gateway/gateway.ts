import type { DocumentNode, GraphQLSchema } from 'graphql/index.js'
import type { Answer } from './completion/complete-operation.ts'
import { GatewayClosedError } from './errors.ts'
import { createExecution } from './execution/execution.ts'
import { createActive } from './operation/active.ts'
import { createOperationCache } from './operation/cache.ts'
import { prepareOperation } from './operation/prepare.ts'
import { createHivePlanner } from './plan/hive-planner.ts'
import type { QueryPlanner } from './plan/planner.ts'
import { buildPublicSchema } from './public-schema.ts'
import type { GatewayRequest, Subgraph } from './subgraph.ts'
import { type ReportFailure, reporting } from './reporting.ts'
import { readSupergraph } from './supergraph.ts'
import { subscribeWith } from './subscribe.ts'

export interface GatewayOptions {
  supergraphSdl: string
  /** How a subgraph is reached. `url` is the one that the supergraph was composed with. */
  subgraphs: (name: string, url: string) => Subgraph
  /** Hive's, unless given. */
  createPlanner?: (supergraphSdl: string) => Promise<QueryPlanner>
  /** How many operations are kept with their plans, some 50 KB each when they are large; 1,000 unless given. */
  planCache?: number
  /** Hears why subgraphs gave no result, for the log: clients are only told that there was none. */
  report?: ReportFailure
}

export interface GatewayOperation {
  /** Valid against the gateway's schema. The same object for the same text is the fastest. */
  readonly document: DocumentNode
  readonly operationName?: string | undefined
  /** With the defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly request: GatewayRequest
}

/** As a GraphQL response has it, with the errors not formatted yet. */
export interface GatewayAnswer extends Answer {
  /** How far the projections were that subgraphs have read, by name; undefined when they have said nothing of it. */
  readonly projections: Readonly<Record<string, unknown>> | undefined
}

/** One supergraph, ready to be asked. It does not change: another supergraph is another gateway. */
export interface Gateway {
  /** What clients see, to validate by: it has no resolvers. */
  readonly schema: GraphQLSchema
  readonly subgraphs: ReadonlyMap<string, Subgraph>
  /** @throws UnplannableError; GraphQLError when the document has no such operation; GatewayClosedError */
  execute(operation: GatewayOperation): Promise<GatewayAnswer>
  /**
   * The answers of a subscription, one for each event. It ends when its subgraph ends it, when the request's signal is
   * aborted, or when its reader returns.
   *
   * @throws as `execute`; while it runs SubgraphError, SlowSubscriberError, and GatewayClosedError when the gateway is closed
   */
  subscribe(operation: GatewayOperation): Promise<AsyncIterableIterator<GatewayAnswer>>
  /** Takes nothing new, finishes what is under way, ends subscriptions, and lets go of the subgraphs. */
  close(): Promise<void>
}

/** @throws InvalidSupergraphError, PlannerUnavailableError */
export async function createGateway({
  supergraphSdl,
  subgraphs: connect,
  createPlanner = createHivePlanner,
  planCache = 1000,
  report,
}: GatewayOptions): Promise<Gateway> {
  const supergraph = readSupergraph(supergraphSdl)
  const planner = await createPlanner(supergraphSdl)
  const schema = buildPublicSchema(planner.publicSdl)
  const subgraphs = new Map<string, Subgraph>()
  for (const [name, url] of supergraph.subgraphs) {
    const subgraph = connect(name, url)
    subgraphs.set(name, report ? reporting(subgraph, report) : subgraph)
  }
  const preparation = { schema, planner, subgraphs, types: supergraph.types }
  const prepared = createOperationCache(planCache, (document, operation) =>
    prepareOperation(preparation, document, operation),
  )
  const active = createActive()
  const closing = new AbortController()
  let closed: Promise<void> | undefined

  return {
    schema,
    subgraphs,
    async execute({ document, operationName, variables, request }) {
      if (closed) throw new GatewayClosedError()
      active.begin()
      try {
        const { plan, introspect, complete } = await prepared(document, operationName)
        const execution = createExecution(variables, request)
        introspect?.(execution)
        await plan.run(execution)
        return { ...complete(execution), projections: execution.projections }
      } finally {
        active.end()
      }
    },
    async subscribe({ document, operationName, variables, request }) {
      if (closed) throw new GatewayClosedError()
      return subscribeWith(await prepared(document, operationName), { variables, request, active, closing })
    },
    async close() {
      closed ??= (async () => {
        closing.abort(new GatewayClosedError())
        await active.idle()
        await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.close()))
      })()
      await closed
    },
  }
}
