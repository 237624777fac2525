import type { GraphQLResolveInfo } from 'graphql/index.js'
import type { GraphContext } from '../context/context.ts'
import type { EntityType } from './entity-type.ts'

/**
 * A resolver. Its author names the types of `parent`, unless that is known, and of `args`, as the schema promises them; `context`
 * and `info` are inferred. `never` makes any such function fit.
 */
export type Resolver<Parent = never> = (
  parent: Parent,
  args: never,
  context: GraphContext,
  info: GraphQLResolveInfo,
) => unknown

/** The two halves of a field of `Subscription`: what happens, and what is answered each time; the event itself by default. */
export interface SubscriptionResolver {
  readonly subscribe: Resolver
  readonly resolve?: Resolver
}

/** A context's part of the graph: its types, and the resolvers behind them. */
export interface GraphDefinition {
  /**
   * SDL. `Query`, `Mutation`, `Subscription` and the types of other graphs are extended: `extend type Query { … }`. The
   * directives of Federation 2 may be used without importing them; an SDL that links the specification itself has to import
   * `@key` and `@shareable` too, which the base types have.
   */
  typeDefs: string | string[]
  /** By type and field. A field without one is the property of that name. */
  resolvers: Record<string, Record<string, Resolver | SubscriptionResolver>>
  /** The types that other graphs, in this process or another, may refer to by their key. */
  entities?: EntityType[]
  /** The types of other contexts that this one refers to or adds fields to, with the field that is their key. */
  references?: Record<string, string>
}

/**
 * Declares a context's part of the graph.
 *
 * @example
 * const graph = defineGraph({
 *   typeDefs: `extend type Query { stock(sku: ID!): Stock }  type Stock { sku: ID!  available: Int! }`,
 *   resolvers: { Query: { stock: (_: unknown, { sku }: { sku: string }) => ({ sku, available: 7 }) } },
 * })
 */
export function defineGraph(definition: GraphDefinition): GraphDefinition {
  return definition
}
