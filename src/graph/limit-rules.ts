import { type OperationDefinitionNode, type ValidationContext, GraphQLError } from 'graphql/index.js'
import { type Measure, measureSelections } from './measure.ts'

/**
 * A validation rule: an operation of more levels than `limit` is refused. Fragments count where they are used.
 * Introspection does not count (graphql-js bounds it by a rule of its own): the query that GraphiQL sends has 15 levels,
 * which is why Mercurius' own limit does not serve.
 */
export const depthRule = (limit: number) =>
  limitRule(limit, 'QUERY_TOO_DEEP', 'levels', {
    field: ({ name }, within) => (name.value.startsWith('__') ? 0 : 1 + within),
    join: (one, other) => Math.max(one, other),
  })

/**
 * A validation rule: an operation of more fields than `limit`, its fragments opened wherever they are used, is refused. Thirty
 * fragments that each use the next one twice are a billion; graphql-jit (0.8) opens them all before it compiles.
 */
export const fieldsRule = (limit: number) =>
  limitRule(limit, 'QUERY_TOO_LARGE', 'fields', {
    field: (_, within) => 1 + within,
    join: (one, other) => one + other,
  })

function limitRule(limit: number, code: string, unit: string, measure: Measure) {
  return (context: ValidationContext) => ({
    OperationDefinition(node: OperationDefinitionNode) {
      const size = measureSelections(node.selectionSet, context, measure)
      if (size <= limit) return
      const message = `The operation has ${Number.isFinite(size) ? size : 'endless'} ${unit}; at most ${limit} are run`
      context.reportError(new GraphQLError(message, { nodes: node, extensions: { code, status: 400 } }))
    },
  })
}
