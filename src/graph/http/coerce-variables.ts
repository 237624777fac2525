import type { FastifyRequest } from 'fastify'
import {
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  getOperationAST,
  getVariableValues,
} from 'graphql/index.js'

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
  request: FastifyRequest,
): Record<string, unknown> {
  const operation = operationOf(document, request)
  if (!operation?.variableDefinitions?.length) return {}
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions, variables, {
    maxErrors: 50,
  })
  if (errors) throw new VariablesError(errors)
  return coerced
}

/** The operation that the request names. */
export function operationOf(
  document: DocumentNode,
  { method, body, query }: FastifyRequest,
): OperationDefinitionNode | null | undefined {
  return getOperationAST(document, operationNameIn(method === 'POST' ? body : query))
}

function operationNameIn(parameters: unknown): string | null {
  if (typeof parameters !== 'object' || parameters === null || !('operationName' in parameters)) return null
  return typeof parameters.operationName === 'string' ? parameters.operationName : null
}
