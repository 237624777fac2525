import { type ASTNode, GraphQLError } from 'graphql/index.js'

export type LimitCode =
  | 'QUERY_TOO_DEEP'
  | 'QUERY_TOO_LARGE'
  | 'QUERY_TOO_COSTLY'
  | 'TOO_MANY_ALIASES'
  | 'TOO_MANY_REPRESENTATIONS'
  | 'SLICING_ARGUMENT_REQUIRED'
  | 'INTROSPECTION_DISABLED'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  | 'PERSISTED_QUERY_MISMATCH'
  | 'OPERATION_NOT_ALLOWED'

export interface Refusal {
  message: string
  /** What was found: a number, the SHA-256 of a text, or the id of one that is not known. Endless is null in JSON. */
  measured?: number | string
  /** The most that is run. */
  limit?: number
  node?: ASTNode | undefined
}

/**
 * An operation that is not run, whatever its answer would be: a GraphQL request error, before execution. Its status is 400 in
 * every media type, for it is a rule of this server and not of the language.
 */
export class LimitError extends GraphQLError {
  constructor(code: LimitCode, { message, measured, limit, node }: Refusal) {
    super(message, {
      ...(node && { nodes: node }),
      extensions: {
        code,
        status: 400,
        ...(measured !== undefined && { measured }),
        ...(limit !== undefined && { limit }),
      },
    })
  }
}
