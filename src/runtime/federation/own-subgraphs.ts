import type { GraphQLSchema } from 'graphql/index.js'
import { composeSubgraph } from '../../graph/compose.ts'
import type { GraphDefinition } from '../../graph/schema/define-graph.ts'
import type { Context } from '../define-context.ts'

/** A context as a subgraph: its code is here, whether or not it is served here. */
export interface OwnSubgraph {
  readonly name: string
  readonly graphs: readonly GraphDefinition[]
  readonly schema: GraphQLSchema
  readonly sdl: string
}

/** @param contexts all that are known */
export function ownSubgraphs(contexts: readonly Context[]): ReadonlyMap<string, OwnSubgraph> {
  const host = hostOf(contexts)
  return new Map(
    contexts.map((context) => {
      const graphs = graphsOf(context)
      const isHost = context.name === host
      return [context.name, { name: context.name, graphs, ...composeSubgraph(graphs, { isHost }) }]
    }),
  )
}

/**
 * The context whose subgraph has what only one can have: the first by name, of all that are known, so that every process with the
 * same code says the same. One without a graph may be served nowhere as a subgraph: only where all are so is it one of them.
 */
export function hostOf(contexts: readonly Context[]): string | undefined {
  const shown = contexts.filter((context) => graphsOf(context).length > 0)
  return (shown.length > 0 ? shown : contexts).map(({ name }) => name).toSorted()[0]
}

export function graphsOf({ graph }: Context): readonly GraphDefinition[] {
  return [graph ?? []].flat()
}
