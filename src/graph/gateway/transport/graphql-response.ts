import type { GraphQLFormattedError } from 'graphql/index.js'
import { isTree } from '../execution/tree.ts'
import type { SubgraphResult } from '../subgraph.ts'
import type { HttpResponse } from './send.ts'

/** A response that is no GraphQL result. The text is for the log. */
class NoResultError extends Error {}

/**
 * The result in a response. One that is not 2xx may come from whatever stands between: it is believed only in GraphQL's own
 * media type (https://graphql.github.io/graphql-over-http/draft/#sec-Processing-the-response).
 *
 * @throws NoResultError
 */
export function readResult({ status, contentType, body }: HttpResponse): SubgraphResult {
  const isSuccess = status >= 200 && status < 300
  if (!isSuccess && !contentType.startsWith('application/graphql-response+json')) {
    throw new NoResultError(`status ${status}, ${contentType || 'no content type'}`)
  }
  return asResult(parsed(body))
}

/** @throws NoResultError */
export function asResult(value: unknown): SubgraphResult {
  if (!isTree(value)) throw new NoResultError('no JSON object')
  const { data, errors, extensions } = value
  const problems = Array.isArray(errors) ? errors.flatMap(formatted) : []
  if (data !== null && !isTree(data) && problems.length === 0)
    throw new NoResultError('neither data nor errors')
  return {
    data: isTree(data) ? data : null,
    ...(problems.length > 0 && { errors: problems }),
    ...(isTree(extensions) && { extensions }),
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new NoResultError('no JSON', { cause })
  }
}

/** Whatever is in a list of errors, as far as it is one. */
function formatted(error: unknown): GraphQLFormattedError[] {
  if (!isTree(error)) return []
  const { message, path, extensions } = error
  return [
    {
      message: typeof message === 'string' ? message : 'An error without a message',
      ...(Array.isArray(path) && { path: path.filter(isStep) }),
      ...(isTree(extensions) && { extensions }),
    },
  ]
}

const isStep = (step: unknown): step is string | number =>
  typeof step === 'string' || typeof step === 'number'
