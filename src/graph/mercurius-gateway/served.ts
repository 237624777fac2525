import type { GraphQLError, OperationDefinitionNode } from 'graphql/index.js'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { GatewayRequest } from '../gateway/subgraph.ts'

/** One request of a client while the engine answers it: what asking subgraphs needs of it, and adds to it. */
export interface Served {
  readonly request: GatewayRequest
  /** What the client sent; its variables are known here by their definitions. */
  readonly operation: OperationDefinitionNode
  /** With the defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>
  /** Tells of a field that is null although the rest of a subgraph's answer is there. */
  fail(error: GraphQLError): void
  /** Why entities are missing, each told where the entity would be: see `failed-entities.ts`. */
  readonly failures: GraphQLError[]
  /** Hears what a subgraph says beside its data. */
  note(extensions: unknown): void
}

/** For which request the engine asks a subgraph, and for which key of the answer: it would say neither itself. */
export const calls = new AsyncLocalStorage<{ readonly served: Served; readonly key: string | number }>()
