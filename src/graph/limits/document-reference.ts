import { RequestError } from '../errors.ts'
import { type DocumentReference, refused } from './persisted-queries.ts'

/** The parameters of a request that say what document it means. */
export interface DocumentParameters {
  query?: unknown
  documentId?: unknown
  id?: unknown
  extensions?: object | null | undefined
}

const PREFIX = /^sha256:/

/**
 * Reads what document a request means: by its text, by `extensions.persistedQuery` (Apollo), by `documentId` (the appendix of
 * GraphQL over HTTP on persisted documents) or by `id` (Relay). With a text the last two say nothing.
 *
 * @throws RequestError 400 that names the parameter; LimitError PERSISTED_QUERY_NOT_SUPPORTED for another protocol version
 */
export function referenceOf({ query, documentId, id, extensions }: DocumentParameters): DocumentReference {
  const text = query === undefined || query === null || query === '' ? undefined : textOf('query', query)
  const hash = hashOf(extensions)
  if (hash !== undefined) return { query: text, id: hash, register: true }
  const given = documentId ?? id ?? undefined
  if (text !== undefined || given === undefined) return { query: text, id: undefined, register: false }
  const name = textOf(documentId === undefined || documentId === null ? 'id' : 'documentId', given)
  return { query: undefined, id: name.replace(PREFIX, ''), register: false }
}

function hashOf(extensions: object | null | undefined): string | undefined {
  const given: unknown = extensions && 'persistedQuery' in extensions ? extensions.persistedQuery : undefined
  if (given === undefined || given === null) return undefined
  const version: unknown = typeof given === 'object' && 'version' in given ? given.version : undefined
  if (typeof given !== 'object' || version !== 1) throw refused('PERSISTED_QUERY_NOT_SUPPORTED', version)
  return textOf('extensions.persistedQuery.sha256Hash', 'sha256Hash' in given ? given.sha256Hash : undefined)
}

function textOf(path: string, value: unknown): string {
  if (typeof value === 'string') return value
  const message = path === 'query' ? 'must be a string: the GraphQL document' : 'must be a string'
  throw new RequestError({
    code: 'BAD_REQUEST',
    status: 400,
    detail: `${path} ${message}`,
    errors: [{ path, message }],
  })
}
