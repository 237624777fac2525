import { parse } from 'graphql/index.js'
import { RequestError } from '../errors.ts'
import { referenceOf } from '../limits/document-reference.ts'
import type { Limits } from '../limits/create-limits.ts'

/** A GraphQL request's parameters. https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters */
export interface RequestParameters {
  query: string
  operationName?: string | null
  variables?: object | null
  extensions?: object | null
}

/**
 * The parameters with the text of the document, should they only name it.
 * @throws RequestError 400 that names the parameter; LimitError when the document is not to be run
 */
export function checkParameters(given: unknown, limits: Pick<Limits, 'resolveDocument'>): RequestParameters {
  if (!isMap(given)) throw invalid('body', 'must be a JSON object with the property query')
  const { operationName, variables, extensions } = given
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    throw invalid('operationName', 'must be a string')
  if (!isAbsent(variables) && !isMap(variables)) throw invalid('variables', 'must be an object')
  if (!isAbsent(extensions) && !isMap(extensions)) throw invalid('extensions', 'must be an object')
  const query = limits.resolveDocument(referenceOf({ ...given, extensions }))
  if (query === undefined) throw invalid('query', 'must be a string: the GraphQL document')
  refuseSyntaxTrees(query)
  return {
    query: documentKey(query, operationName),
    // Mercurius refuses an empty name, a compiled operation takes it for none.
    operationName: operationName === '' ? null : (operationName ?? null),
    // Left out, Mercurius does not look at them: `{}` and null it would coerce before we do.
    ...(isMap(variables) && { variables }),
    extensions: extensions ?? null,
  }
}

/** The parameters of a GET: maps are JSON texts in it. */
export function parseQueryString(given: unknown): unknown {
  if (!isMap(given)) return given
  const { query, documentId, id, operationName, variables, extensions } = given
  return {
    query,
    documentId,
    id,
    operationName,
    variables: parseMap('variables', variables),
    extensions: parseMap('extensions', extensions),
  }
}

function parseMap(name: string, text: unknown): unknown {
  if (isAbsent(text)) return null
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    throw invalid(name, 'must be a JSON object')
  }
}

/**
 * Mercurius keeps one compiled function a document text, that of the operation which was asked for first. With several
 * operations in a document the next one would get the wrong function, so the name becomes part of the text.
 */
function documentKey(query: string, operationName: string | null | undefined): string {
  return isAbsent(operationName) || operationName === ''
    ? query
    : `${query}\n#${JSON.stringify(operationName)}`
}

/**
 * Mercurius takes a syntax tree in JSON for a document as well, which would pass the token limit by. No GraphQL document
 * that can be executed starts like JSON does; this throws the GraphQLError that says where.
 */
function refuseSyntaxTrees(query: string): void {
  if (/^\s*(\{\s*["}]|["[\d-]|(true|false|null)\s*$)/.test(query)) parse(query, { maxTokens: 10 })
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, message: string): RequestError {
  const detail = `${path} ${message}`
  return new RequestError({ code: 'BAD_REQUEST', status: 400, detail, errors: [{ path, message }] })
}
