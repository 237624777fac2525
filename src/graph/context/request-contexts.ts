import { AT_LEAST_HEADER, parseAtLeast } from '../freshness/at-least.ts'
import { type GraphContext, createContext } from './context.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import { resolversByKey } from '../schema/entities.ts'
import { type Reads, createReads } from '../freshness/reads.ts'
import type { GraphResources } from './resources.ts'

/** Where a request comes from: HTTP, a connection for subscriptions, or a gateway in this process. */
export interface RequestOrigin {
  readonly id: string
  /** In lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The contexts of requests to one graph. */
export interface RequestContexts {
  /** One for each request, however often it is asked for. */
  of(origin: RequestOrigin, caller?: unknown): GraphContext
  /** How far the projections were that the request has read; undefined when it has read none. */
  report(origin: RequestOrigin): Record<string, unknown> | undefined
}

/** @param graphs whose entities are known: those with rows here, and the keys of others */
export function createRequestContexts(
  resources: GraphResources,
  graphs: readonly GraphDefinition[],
): RequestContexts {
  const entities = resolversByKey(graphs)
  const known = new WeakMap<RequestOrigin, { context: GraphContext; reads: Reads }>()

  return {
    of(origin, caller) {
      const { id, headers } = origin
      const made = known.get(origin)
      if (made) return made.context
      // A malformed header is refused before anything is executed.
      const reads = createReads(resources.reading, parseAtLeast(headers[AT_LEAST_HEADER]) ?? new Map())
      const correlationId = visible(headers['correlation-id'])
      const context = createContext(
        { ...resources, entities },
        { requestId: id, correlationId, reads, caller },
      )
      known.set(origin, { context, reads })
      return context
    },
    report(origin) {
      const projections = known.get(origin)?.reads.report()
      return projections && { projections }
    },
  }
}

function visible(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : undefined
}
