import type { GraphQLResolveInfo } from 'graphql/index.js'
import type { GraphContext } from './context.ts'
import type { EntityType } from './entity.ts'

/**
 * A resolver. Its author names the types of `parent` and `args`, as the schema promises them; `context` and `info` are
 * inferred. `never` makes any such function fit.
 */
export type Resolver = (
  parent: never,
  args: never,
  context: GraphContext,
  info: GraphQLResolveInfo,
) => unknown

export interface GraphDefinition {
  /** SDL. `Query`, `Mutation` and the types of other graphs are extended: `extend type Query { … }`. */
  typeDefs: string | string[]
  /** By type and field. A field without one is the property of that name. */
  resolvers: Record<string, Record<string, Resolver>>
  /** The types that other graphs may refer to by id; a subgraph's `_entities` later. */
  entities?: EntityType[]
}

/**
 * Declares a context's part of the graph.
 *
 * @example
 * defineGraph({
 *   typeDefs: `extend type Query { stock(sku: ID!): Stock }  type Stock { sku: ID!  available: Int! }`,
 *   resolvers: { Query: { stock: (_: unknown, { sku }: { sku: string }, context) => stocks.load(sku, context) } },
 * })
 */
export function defineGraph(definition: GraphDefinition): GraphDefinition {
  return definition
}
