import type { GraphQLSchema } from 'graphql/index.js'
import { composeSubgraph } from '../../graph/compose.ts'
import type { GraphDefinition } from '../../graph/define-graph.ts'
import type { Context } from '../define-context.ts'

/** A context as a subgraph: its code is here, whether or not it is served here. */
export interface OwnSubgraph {
  readonly name: string
  readonly graphs: readonly GraphDefinition[]
  readonly schema: GraphQLSchema
  readonly sdl: string
}

/** @param contexts all that are known: the first of them has what only one subgraph can have, wherever it is served */
export function ownSubgraphs(contexts: readonly Context[]): ReadonlyMap<string, OwnSubgraph> {
  return new Map(
    contexts.map((context, place) => {
      const graphs = graphsOf(context)
      return [
        context.name,
        { name: context.name, graphs, ...composeSubgraph(graphs, { isHost: place === 0 }) },
      ]
    }),
  )
}

export function graphsOf({ graph }: Context): readonly GraphDefinition[] {
  return [graph ?? []].flat()
}
