import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type LimitCode, LimitError } from './limit-error.ts'
import type { LimitSettings } from './settings.ts'

/** A request's document: its text, its id, or both. */
export interface DocumentReference {
  query: string | undefined
  /** What the client calls it: `extensions.persistedQuery.sha256Hash`, `documentId` or `id`. */
  id: string | undefined
  /** That the text is to be kept under its id: it came with `extensions.persistedQuery`. */
  register: boolean
}

/** From a reference to the text that is run. @throws LimitError */
export type ResolveText = (reference: DocumentReference) => string | undefined

/** Together at most this many, of this many characters; a longer one is sent in full every time. */
const MAX_KEPT = 1000
const MAX_KEPT_SIZE = 4_000_000
const MAX_SIZE = 50_000

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * Persisted queries as the settings have them.
 * @param explain tell what the hash of a text is that is refused for it
 */
export function createPersistedQueries(
  { persistedQueries, operations }: Pick<LimitSettings, 'persistedQueries' | 'operations'>,
  explain = true,
): ResolveText {
  if (persistedQueries === 'only') return allowed(operations, explain)
  return persistedQueries === 'automatic' ? automatic(explain) : off
}

/** What has a text is run by it. */
const off: ResolveText = ({ query, id }) => {
  if (query === undefined && id !== undefined) throw refused('PERSISTED_QUERY_NOT_SUPPORTED', id)
  return query
}

/**
 * https://www.apollographql.com/docs/apollo-server/performance/apq: a client sends the hash alone; told that it is not known,
 * the hash and the text. The text is kept before it is known to be valid: the room is bounded either way, and who wants to
 * fill it can do so with valid ones.
 */
function automatic(explain: boolean): ResolveText {
  const kept = new LRUCache<string, string>({
    max: MAX_KEPT,
    maxSize: MAX_KEPT_SIZE,
    maxEntrySize: MAX_SIZE,
    sizeCalculation: (text) => text.length,
  })
  return ({ query, id, register }) => {
    if (id === undefined) return query
    if (query === undefined) {
      const text = kept.get(id)
      if (text === undefined) throw refused('PERSISTED_QUERY_NOT_FOUND', id)
      return text
    }
    if (!register) return query
    assertHash(query, id, explain)
    kept.set(id, query)
    return query
  }
}

/** Only what is in the list, by id or by text. */
function allowed(operations: LimitSettings['operations'], explain: boolean): ResolveText {
  const hashes = new Set([...operations.values()].map(sha256))
  return ({ query, id, register }) => {
    if (query === undefined) {
      if (id === undefined) return undefined
      const text = operations.get(id)
      if (text === undefined) throw refused('PERSISTED_QUERY_NOT_FOUND', id)
      return text
    }
    if (register && id !== undefined && operations.get(id) !== query) assertHash(query, id, explain)
    const measured = sha256(query)
    if (hashes.has(measured)) return query
    if (!explain)
      throw new LimitError('OPERATION_NOT_ALLOWED', { message: 'Only listed operations are run here' })
    const message = `Only listed operations are run here; the SHA-256 of this one, ${measured}, is not in the list`
    throw new LimitError('OPERATION_NOT_ALLOWED', { message, measured })
  }
}

function assertHash(query: string, id: string, explain: boolean): void {
  const measured = sha256(query)
  if (measured === id) return
  const message = 'provided sha does not match query'
  throw new LimitError('PERSISTED_QUERY_MISMATCH', { message, ...(explain && { measured }) })
}

/** Clients of the protocol go by these very messages; newer ones by the code. */
const MESSAGES = {
  PERSISTED_QUERY_NOT_FOUND: 'PersistedQueryNotFound',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PersistedQueryNotSupported',
} satisfies Partial<Record<LimitCode, string>>

/** A SHA-256 has 64; of what a client makes up, no more than this is said back to it. */
const TOLD = 128

/** @param asked what was asked for: an id, or the version of the protocol */
export function refused(code: keyof typeof MESSAGES, asked: unknown): LimitError {
  const measured = typeof asked === 'string' ? asked.slice(0, TOLD) : asked
  return new LimitError(code, {
    message: MESSAGES[code],
    ...((typeof measured === 'string' || typeof measured === 'number') && { measured }),
  })
}
