import type { GraphDefinition } from '../schema/define-graph.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { defineLive } from '../live/define-live.ts'
import { memberName } from '../live/live-types.ts'
import { described, worded } from './described.ts'
import type { Filter } from './filter.ts'

/** The subscriptions to one and to all. */
export function changesOf<Row extends EntityRow>(
  entity: EntityDefinition<Row>,
  plural: string,
  filter: Filter<Row> | undefined,
): GraphDefinition {
  const live = defineLive(entity, { plural, ...(filter && { filter: filter.name, where: filter.where }) })
  return { typeDefs: live.typeDefs, resolvers: { Subscription: live.subscriptions, ...live.types } }
}

/** The object after a command, in the command's answer. */
export function changedOf<Row>(
  { type, changed }: EntityDefinition<Row>,
  description = `The ${worded(type)} after the command; null when the command was for something else`,
): GraphDefinition {
  const field = memberName(type)
  return {
    typeDefs: `extend type CommandResult {
      ${described(description)}
      ${field}: ${type}
    }`,
    resolvers: { CommandResult: { [field]: changed } },
  }
}
