import type { DocumentNode, GraphQLFormattedError } from 'graphql/index.js'

/**
 * An operation for one subgraph, as a plan has it. There is one object for each place in a plan that is kept, so that what
 * is derived from it (which entity types and fields it asks for) can be remembered in a WeakMap.
 */
export interface SubgraphOperation {
  readonly text: string
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly name: string | undefined
  readonly document: DocumentNode
}

/** What one request of a client is to the gateway, whatever it needs of subgraphs. */
export interface GatewayRequest {
  readonly id: string
  /** Those of the client's headers that are passed on, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Who asks, as the service's `identify` made it out; what authorization hooks get. */
  readonly caller: unknown
  /** Aborted when the client is gone or its time is up. */
  readonly signal: AbortSignal
  /** Hears which step of a strategy chain served what, and which did not. */
  resolved(resolution: Resolution): void
}

export type StrategyName = 'local' | 'direct-db' | 'fdw' | 'http'

/** `skipped`: the selection does not suit the step. `open`: its breaker is. `full`: its bulkhead is. */
export type Outcome = 'served' | 'failed' | 'timeout' | 'open' | 'full' | 'skipped'

export interface Resolution {
  readonly subgraph: string
  /** The entity type; undefined for root fields. */
  readonly type: string | undefined
  readonly strategy: StrategyName
  readonly outcome: Outcome
  readonly durationMs: number
}

export interface SubgraphRequest {
  readonly operation: SubgraphOperation
  /** `representations` and its like among them. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly request: GatewayRequest
}

/** As it is in a GraphQL response: plain JSON. It is given away: whoever has asked may change it, and keeps parts of it. */
export interface SubgraphResult {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GraphQLFormattedError[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** A subgraph, however it is reached. */
export interface Subgraph {
  readonly name: string
  /** Rejects with SubgraphError when there is no GraphQL result to be had; errors of a result are in it. */
  execute(request: SubgraphRequest): Promise<SubgraphResult>
  /** Each result of a subscription. Ends, or rejects, when the subgraph ends it. */
  subscribe(request: SubgraphRequest): AsyncIterable<SubgraphResult>
  /** Ends connections; what is under way is finished first. */
  close(): Promise<void>
}
