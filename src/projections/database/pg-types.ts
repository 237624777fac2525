import type { CustomTypesConfig } from 'pg'
import { types } from 'pg'

const INT8 = 20
const TIMESTAMPTZ = 1184

/**
 * How our own connections read values; the driver's global parsers stay as they are. `numeric` is a string by the
 * driver's default, `jsonb` is parsed.
 */
export const typeParsers: CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return parseInt8
    if (oid === TIMESTAMPTZ) return parseTimestamp
    return format === 'binary' ? types.getTypeParser(oid, 'binary') : types.getTypeParser(oid, 'text')
  },
}

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The bigint ${text} is too large for a JavaScript number`)
  return value
}

/** With TimeZone UTC and DateStyle ISO: `2026-01-31 10:00:00+00`, `2026-01-31 10:00:00.123456+00`. */
const UTC = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\+00$/

/** ISO 8601 in UTC with milliseconds; finer digits are cut off. What has no such form (`infinity`, BC) stays as it is. */
export function parseTimestamp(text: string): string {
  const parts = UTC.exec(text)
  if (!parts) return text
  const [, day, time, fraction = ''] = parts
  return `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}
