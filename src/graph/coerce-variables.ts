import type { FastifyRequest } from 'fastify'
import { type DocumentNode, type GraphQLSchema, getOperationAST, getVariableValues } from 'graphql/index.js'

/** Variables that do not fit the operation; one error each, as graphql-js words them. */
export class VariablesError extends Error {
  readonly errors: readonly Error[]
  constructor(errors: readonly Error[]) {
    super('The variables do not fit the operation')
    this.errors = errors
  }
}

/**
 * The variables with their defaults filled in, by graphql-js. A compiled operation reads them in its own way, which does not
 * know the default of an input field that must not be null (graphql-jit 0.8): coerced first, both ways come to the same.
 *
 * @throws VariablesError
 */
export function coerceVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
  { method, body, query }: FastifyRequest,
): Record<string, unknown> {
  const operation = getOperationAST(document, operationNameIn(method === 'POST' ? body : query))
  if (!operation?.variableDefinitions?.length) return {}
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions, variables, {
    maxErrors: 50,
  })
  if (errors) throw new VariablesError(errors)
  return coerced
}

function operationNameIn(parameters: unknown): string | null {
  if (typeof parameters !== 'object' || parameters === null || !('operationName' in parameters)) return null
  return typeof parameters.operationName === 'string' ? parameters.operationName : null
}
