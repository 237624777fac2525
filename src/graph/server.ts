import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import type { Kysely } from 'kysely'
import type { KernelTables } from '../projections/kernel-tables.ts'
import type { AnyTables } from '../projections/definition.ts'
import type { CommandSender } from '../commands/command-sender.ts'
import type { EventLog } from '../streams/event-log.ts'
import type { EventSource } from '../streams/recorded-event.ts'
import { AT_LEAST_HEADER, parseAtLeast } from './at-least.ts'
import { cached } from './cached.ts'
import { composeSchema } from './compose.ts'
import { createContext } from './context.ts'
import type { GraphDefinition } from './define-graph.ts'
import { entitiesOf } from './entities.ts'
import { createGate } from './gate.ts'
import { createHistoryReader } from './history-reader.ts'
import { type ProjectionFacts, createLags, overviewsOf } from './projection-overview.ts'
import { streamsOfProjections } from './projection-source.ts'
import { type Reads, createReads } from './reads.ts'
import { type ServeSettings, createGraphHttp } from './serve.ts'

export interface GraphSettings extends ServeSettings {
  /** The most items of a page. */
  maxPage: number
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
  const { maxPage, historyConcurrency } = settings
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
  const entities = new Map(entitiesOf(graphs).map(({ type, resolve }) => [type, resolve]))
  const shared = {
    db: db.$extendTables<AnyTables>().$omitTables<keyof KernelTables>(),
    reader,
    sender,
    entities,
    maxPage,
    aggregates: [...sources.keys()],
    projections: () => overviews.get(),
  }

  const app = createGraphHttp({
    schema: composeSchema(graphs),
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
    report(request) {
      const projections = readsOf.get(request)?.report()
      return projections && { projections }
    },
    settings,
    logger,
  })
  return { app, close: async () => await app.close() }
}

function visible(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : undefined
}
