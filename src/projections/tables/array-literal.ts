import type { Column } from '../definition/column.ts'
import type { Row } from '../definition/definition.ts'

/** The PostgreSQL type of a column. `numeric` without a scale keeps the one of each value. */
export const SQL_TYPES = {
  text: 'text',
  numeric: 'numeric',
  timestamp: 'timestamptz',
  bigint: 'bigint',
  integer: 'integer',
  boolean: 'boolean',
  json: 'jsonb',
} as const

/**
 * One column of many rows as an array literal: `{1,NULL,3}`. Written here and not by the driver, which escapes value by
 * value without knowing that most kinds need none.
 * https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
 */
export function columnLiteral(name: string, { kind, isNullable }: Column, rows: Row[]): string {
  let literal = '{'
  for (const row of rows) {
    if (literal.length > 1) literal += ','
    const value = row[name]
    if (value === null && isNullable) literal += 'NULL'
    else if (kind === 'json') literal += quotedElement(JSON.stringify(value))
    else if (kind === 'text') literal += quotedElement(String(value))
    else literal += String(value)
  }
  return `${literal}}`
}

/** A `text[]` literal. */
export function textLiteral(values: string[]): string {
  return `{${values.map(quotedElement).join(',')}}`
}

const SPECIAL = /["\\]/
const ALL_SPECIAL = /["\\]/g

function quotedElement(text: string): string {
  return SPECIAL.test(text) ? `"${text.replace(ALL_SPECIAL, '\\$&')}"` : `"${text}"`
}
