import { GraphQLError, type GraphQLFormattedError } from 'graphql/index.js'
import { HeadwaterError } from '../../../streams/errors.ts'
import { SubgraphError } from '../errors.ts'
import type { ResponsePath } from './data-path.ts'

/** What no client is to see of a subgraph, whatever it sends: where in its code it failed. */
const PRIVATE_EXTENSIONS = ['stacktrace', 'exception', 'stack']

/** An error in a subgraph's result, as the client gets it: its own words and code, and which subgraph it is from. */
export function passedOn(
  subgraph: string,
  { message, extensions }: GraphQLFormattedError,
  path: ResponsePath | undefined,
): GraphQLError {
  const kept = Object.entries(extensions ?? {}).filter(([name]) => !PRIVATE_EXTENSIONS.includes(name))
  const code = typeof extensions?.['code'] === 'string' ? {} : { code: 'SUBGRAPH_ERROR', status: 502 }
  return located(message, path, { ...Object.fromEntries(kept), ...code, subgraph })
}

/** Why there is no result of a subgraph. Only what was thrown on purpose is told. */
export function unanswered(subgraph: string, cause: unknown, path: ResponsePath | undefined): GraphQLError {
  const error =
    cause instanceof HeadwaterError ? cause : new SubgraphError(subgraph, 'SUBGRAPH_UNAVAILABLE', cause)
  const { code, status, message, retryAfterMs } = error
  return located(message, path, {
    code,
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    subgraph,
  })
}

/** A result that is not one for what was asked. */
export function invalidResult(subgraph: string, path: ResponsePath | undefined): GraphQLError {
  const message = `The subgraph ${subgraph} has given a result that does not fit what it was asked`
  return located(message, path, { code: 'SUBGRAPH_INVALID_RESULT', status: 502, subgraph })
}

function located(message: string, path: ResponsePath | undefined, extensions: Record<string, unknown>) {
  return new GraphQLError(message, { ...(path && { path }), extensions })
}
