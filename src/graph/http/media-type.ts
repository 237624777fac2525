import { LRUCache } from 'lru-cache'

export const RESPONSE_JSON = 'application/graphql-response+json'
export const JSON_TYPE = 'application/json'

/**
 * The media type of the answer. `application/json` where the client does not mind, because the statuses of the other one
 * surprise who does not ask for it.
 *
 * @param accept the request's Accept header
 * @returns undefined when the client takes neither
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Accept
 */
export function negotiate(accept: string | undefined): string | undefined {
  if (accept === undefined || accept.trim() === '') return JSON_TYPE
  const known = decided.get(accept)
  if (known !== undefined) return known
  const type = bestOf(accept)
  if (type !== undefined && accept.length <= MAX_REMEMBERED) decided.set(accept, type)
  return type
}

/** A client sends the same header with every request, and there are few clients. */
const decided = new LRUCache<string, string>({ max: 100 })
const MAX_REMEMBERED = 300

function bestOf(accept: string): string | undefined {
  const ranges = accept.split(',').map(parseRange)
  const best = [JSON_TYPE, RESPONSE_JSON]
    .map((type) => ({ type, quality: qualityOf(type, ranges) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || position(a.type, ranges) - position(b.type, ranges))
  return best[0]?.type
}

/** True when a browser asks for a page. */
export function wantsHtml(accept: string | undefined): boolean {
  return accept !== undefined && accept.split(',').some((range) => parseRange(range).type === 'text/html')
}

interface Range {
  type: string
  quality: number
}

function parseRange(range: string): Range {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}

/** The most specific range that covers the type decides. */
function qualityOf(type: string, ranges: Range[]): number {
  const range =
    ranges.find((range) => range.type === type) ??
    ranges.find((range) => range.type === 'application/*') ??
    ranges.find((range) => range.type === '*/*')
  return range?.quality ?? 0
}

/** Of two that are named with the same quality, the client prefers the first; a named one goes before one that is covered. */
function position(type: string, ranges: Range[]): number {
  const index = ranges.findIndex((range) => range.type === type)
  return index === -1 ? ranges.length : index
}
