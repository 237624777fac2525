import type { ColumnKind } from '../../projections/definition/column.ts'
import type { EntityProjection } from '../reads/entity.ts'
import type { Condition } from '../reads/select-rows.ts'

/**
 * Whether a row in memory fulfils conditions as PostgreSQL decides it: decimals and times by their value, null nothing.
 * @throws TypeError for what only the database can compare: the order of texts, which is a matter of its collation, and JSON
 */
export function matches<Row>(
  { columns }: Pick<EntityProjection<Row>, 'columns'>,
  row: Row,
  conditions: readonly Condition<Row>[],
): boolean {
  return conditions.every(([column, operator, wanted]) => {
    if (wanted === null || wanted === undefined) return true
    const { kind } = columns[column]
    const value: unknown = row[column]
    if (value === null || value === undefined) return false
    if (operator === 'in')
      return Array.isArray(wanted) && wanted.some((one) => compare(kind, value, one) === 0)
    if (kind === 'text' && operator !== '=')
      throw new TypeError(`${column} ${operator}: texts are only compared for equality here`)
    return holds(operator, compare(kind, value, wanted))
  })
}

function holds(operator: '=' | '<' | '<=' | '>' | '>=', order: number): boolean {
  if (operator === '=') return order === 0
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

function compare(kind: ColumnKind, one: unknown, other: unknown): number {
  if (kind === 'json') throw new TypeError('JSON is not compared here')
  if (kind === 'numeric') return difference(...decimals(String(one), String(other)))
  if (kind === 'timestamp') return difference(micros(String(one)), micros(String(other)))
  if (kind === 'text') return String(one) === String(other) ? 0 : 1
  return Number(one) - Number(other)
}

const difference = (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0)

/** Two decimals as whole numbers of the same unit. */
function decimals(one: string, other: string): [bigint, bigint] {
  const digits = Math.max(fraction(one).length, fraction(other).length)
  const whole = (text: string) => BigInt(text.replace(/\..*$/, '') + fraction(text).padEnd(digits, '0'))
  return [whole(one), whole(other)]
}

const fraction = (text: string) => text.split('.')[1] ?? ''

/** A time in microseconds, which is as exact as PostgreSQL keeps it; Date.parse would drop all beyond milliseconds. */
function micros(time: string): bigint {
  const [, digits = ''] = /\.(\d+)/.exec(time) ?? []
  const seconds = BigInt(Date.parse(time.replace(/\.\d+/, '')))
  return seconds * 1000n + BigInt(Math.round(Number(`0.${digits || '0'}`) * 1_000_000))
}
