import type { GraphDefinition } from '../schema/define-graph.ts'
import type { EntityDefinition } from '../reads/entity.ts'
import { allEvents } from '../reads/events-field.ts'
import { memberName } from '../live/live-types.ts'
import { described, worded } from './described.ts'

/** The field of one by its key, as it is or was, and its history. */
export function oneOf<Row>(
  entity: EntityDefinition<Row>,
  description = `The ${worded(entity.type)} as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet.`,
): GraphDefinition {
  const { type, key } = entity
  const field = memberName(type)
  return {
    typeDefs: `
      extend type Query {
        ${described(description)}
        ${field}(${key}: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): ${type}
      }
      extend type ${type} { allEvents(first: Int = 100, after: String): EventConnection! }`,
    entities: [entity],
    resolvers: { Query: { [field]: entity.one }, [type]: { allEvents } },
  }
}
