import { isUnstorable } from '../../streams/events/unstorable.ts'
import type { Column, ColumnKind } from '../definition/column.ts'

/**
 * Checks a value for its column, and brings it to the form in which PostgreSQL will give it back, so that a fold gets
 * the same row whether the one before was read or is still in memory. Throws a TypeError that says what is wrong.
 */
export function normalised({ kind, isNullable }: Column, value: unknown): unknown {
  if (value === null && isNullable) return null
  if (value === null && kind !== 'json') throw new TypeError('is null, and the column is not nullable()')
  if (value === undefined) throw new TypeError('is missing')
  return NORMALISE[kind](value)
}

const NORMALISE: Record<ColumnKind, (value: unknown) => unknown> = {
  text: (value) => {
    if (typeof value !== 'string') throw not('a string', value)
    if (isUnstorable(value))
      throw new TypeError('holds U+0000 or half a surrogate pair, which cannot be stored')
    return value
  },
  numeric: (value) => {
    if (typeof value !== 'string') throw not('a decimal number as a string', value)
    // `1e3`, `007`, `+1` and `-0` would come back written in another way.
    if (!NUMERIC.test(value)) throw not('a decimal number such as "-12.50"', value)
    return value
  },
  timestamp: (value) => {
    // As it will come back: most times are, and need no Date.
    if (typeof value === 'string' && CANONICAL.test(value)) return value
    if (typeof value !== 'string' || !INSTANT.test(value))
      throw not('an ISO 8601 time with its offset', value)
    const milliseconds = Date.parse(value)
    if (!(milliseconds >= FIRST && milliseconds <= LAST)) throw not('a time in the years 1 to 9999', value)
    return new Date(milliseconds).toISOString()
  },
  bigint: (value) => {
    if (!Number.isSafeInteger(value)) throw not('a whole number up to ±(2^53 − 1)', value)
    return value === 0 ? 0 : value
  },
  integer: (value) => {
    if (typeof value !== 'number' || (value | 0) !== value) throw not('a whole number of 32 bits', value)
    return value === 0 ? 0 : value
  },
  boolean: (value) => {
    if (typeof value !== 'boolean') throw not('a boolean', value)
    return value
  },
  json: (value) => {
    const text = JSON.stringify(value)
    // JSON.stringify writes both as escapes; a match behind a backslash of the text itself is looked at again.
    if (ESCAPED.test(text) && holdsUnstorable(value)) {
      throw new TypeError('holds U+0000 or half a surrogate pair, which cannot be stored')
    }
    return JSON.parse(text)
  },
}

const ESCAPED = /\\u(0000|d[89a-f])/
const NUMERIC = /^(?!-0(\.0+)?$)-?(0|[1-9]\d{0,999})(\.\d{1,1000})?$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/
/** A time as `toISOString` writes it, on a day that every month has. */
const CANONICAL =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const FIRST = Date.parse('0001-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

function holdsUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return isUnstorable(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => isUnstorable(key) || holdsUnstorable(inner))
}

function not(expected: string, value: unknown): TypeError {
  const shown = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? typeof value)
  return new TypeError(`is not ${expected}: ${shown.slice(0, 60)}`)
}
