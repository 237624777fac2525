import type { GraphDefinition } from '../schema/define-graph.ts'

/**
 * Several parts as one graph.
 * @throws TypeError when two parts resolve the same field
 */
export function joinGraphs(parts: readonly GraphDefinition[]): GraphDefinition {
  const resolvers: GraphDefinition['resolvers'] = {}
  for (const [type, fields] of parts.flatMap((part) => Object.entries(part.resolvers))) {
    const known = resolvers[type] ?? {}
    const twice = Object.keys(fields).find((field) => Object.hasOwn(known, field))
    if (twice !== undefined) throw new TypeError(`${type}.${twice} has two resolvers`)
    resolvers[type] = { ...known, ...fields }
  }
  return {
    typeDefs: parts.flatMap(({ typeDefs }) => typeDefs),
    resolvers,
    entities: parts.flatMap(({ entities = [] }) => entities),
    references: Object.fromEntries(parts.flatMap(({ references = {} }) => Object.entries(references))),
  }
}
