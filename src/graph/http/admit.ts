import {
  type ExecutionArgs,
  type GraphQLSchema,
  type OperationDefinitionNode,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  parse,
  specifiedRules,
  validate,
} from 'graphql/index.js'
import { RequestError } from '../errors.ts'
import { checkParameters } from './request-parameters.ts'
import type { Limits } from '../limits/create-limits.ts'

export interface AdmittedOperation extends Pick<ExecutionArgs, 'schema' | 'document'> {
  readonly operation: OperationDefinitionNode
  readonly operationName: string | null
  /** Coerced already. */
  readonly variableValues: Record<string, unknown>
}

/** What may be wrong with many variables; the first of them say enough. */
const MAX_ERRORS = 50

/**
 * Takes a request's parameters to an operation that may be executed, past every limit: for WebSocket and SSE, which do not
 * come by Mercurius' route.
 *
 * @returns the operation, or request errors for `formatError`: what graphql-ws' `onSubscribe` may return
 */
export function admit(
  limits: Limits,
  schema: GraphQLSchema,
  parameters: unknown,
): AdmittedOperation | readonly GraphQLError[] {
  try {
    return prepare(limits, schema, parameters)
  } catch (error) {
    const explained = limits.explain(error)
    if (explained instanceof GraphQLError) return [explained]
    if (error instanceof RequestError) return [new GraphQLError(error.message, { originalError: error })]
    throw error
  }
}

function prepare(limits: Limits, schema: GraphQLSchema, parameters: unknown) {
  const explain = (errors: readonly GraphQLError[]) =>
    errors.map((error) => limits.explain(error)).filter((error) => error instanceof GraphQLError)
  const { query, operationName = null, variables } = checkParameters(parameters, limits)
  const document = parse(query, { maxTokens: limits.maxTokens })
  const invalid = validate(schema, document, [...specifiedRules, ...limits.validationRules])
  if (invalid.length > 0) return explain(invalid)
  const operation = getOperationAST(document, operationName)
  if (!operation) {
    const unnamed = 'The document has several operations: operationName must say which is run'
    const unknown = `There is no operation named ${JSON.stringify(operationName)}`
    return [new GraphQLError(operationName === null ? unnamed : unknown)]
  }
  const { coerced, errors } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    { ...variables },
    { maxErrors: MAX_ERRORS },
  )
  if (errors) return explain(errors)
  limits.checkOperation(schema, document, operation, coerced)
  return { schema, document, operation, operationName, variableValues: coerced }
}
