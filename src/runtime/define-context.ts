import type { Aggregate } from '../commands/define-aggregate.ts'
import type { GraphDefinition } from '../graph/define-graph.ts'
import type { ProjectionDefinition } from '../projections/definition.ts'
import { isToken } from '../streams/subjects.ts'

/** A bounded context: one stream, one subgraph, one or more aggregates. */
export interface Context {
  readonly name: string
  readonly aggregates: readonly Aggregate[]
  readonly projections: readonly ProjectionDefinition[]
  /** The subgraph, in one part or several. */
  readonly graph: GraphDefinition | readonly GraphDefinition[] | undefined
}

export interface ContextDefinition {
  /** One token, by custom the plural: `orders`. Its upper case is the stream's name. */
  name: string
  aggregates: readonly Aggregate[]
  projections?: readonly ProjectionDefinition[]
  graph?: GraphDefinition | readonly GraphDefinition[]
}

/**
 * Declares a bounded context out of its parts.
 *
 * @example
 * export const counters = defineContext({ name: 'counters', aggregates: [counter] })
 * @throws TypeError when the name cannot stand in a subject, or there is no aggregate
 */
export function defineContext({ name, aggregates, projections = [], graph }: ContextDefinition): Context {
  if (!isToken(name)) {
    throw new TypeError(`The context name ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  }
  if (aggregates.length === 0) throw new TypeError(`The context ${name} has no aggregate`)
  return { name, aggregates, projections, graph }
}
