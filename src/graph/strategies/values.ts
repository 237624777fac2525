import { parseTimestamp } from '../../projections/database/pg-types.ts'
import type { FieldMapping, ValueKind } from './entity-mapping.ts'
import { UnsuitedError } from './errors.ts'
import { serialise } from './serialise.ts'

/**
 * A column's value as a driver gives it → as the subgraph's answer has it. Drivers give text wherever they can, because
 * their own conversions lose digits and differ.
 *
 * @throws UnsuitedError when there is no such form: the subgraph then says what it makes of the value
 */
export function shown({ kind, required, values, shape }: FieldMapping, raw: unknown): unknown {
  const value = raw === null || raw === undefined ? null : DECODE[kind](raw)
  if (value === null && required) throw new UnsuitedError('a null in a field that is not nullable')
  if (kind === 'enum' && value !== null && values && !values.some((name) => name === value)) {
    throw new UnsuitedError('a value that the enum does not have')
  }
  return shape ? value : kind === 'json' ? value : serialise(kind, value)
}

const DECODE: Record<ValueKind, (raw: unknown) => unknown> = {
  text,
  id: text,
  enum: text,
  int: number,
  long: number,
  float: number,
  decimal,
  boolean(raw) {
    if (raw instanceof Uint8Array) return raw.some((byte) => byte !== 0)
    const known = BOOLEANS.get(String(raw))
    return known ?? unsuited('boolean', raw)
  },
  datetime(raw) {
    if (raw instanceof Date) return raw.toISOString()
    return typeof raw === 'string' ? datetime(raw) : unsuited('datetime', raw)
  },
  date(raw) {
    if (raw instanceof Date) return raw.toISOString().slice(0, 10)
    return typeof raw === 'string' && DAY.test(raw) ? raw : unsuited('date', raw)
  },
  json(raw) {
    if (typeof raw === 'object') return raw
    if (typeof raw !== 'string') return number(raw)
    try {
      return JSON.parse(raw)
    } catch {
      return unsuited('json', raw)
    }
  },
}

/** PostgreSQL writes `t` and `f` in text, the others 1 and 0. */
const BOOLEANS = new Map([
  ['t', true],
  ['true', true],
  ['1', true],
  ['f', false],
  ['false', false],
  ['0', false],
])

const DAY = /^(?!0000)\d{4,}-\d{2}-\d{2}$/
/** A time that is in UTC already, or without a zone: ours are asked for in UTC. */
const UTC = /^((?!0000)\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|[+-]00(?::?00)?)?$/
const ZONED = /^((?!0000)\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)([+-]\d{2})(?::?(\d{2}))?$/
/** What PostgreSQL alone has: it is shown as Headwater's subgraphs show it, see `parseTimestamp`. */
const BEYOND = /^(-?infinity|\d{5,}-.*|.* BC)$/
/** `NaN` and its like are values of `numeric` as well. */
const DECIMAL = /^(-?\d+(\.\d+)?|NaN|-?Infinity)$/
const MINUS_ZERO = /^-(0+(\.0+)?)$/

function datetime(raw: string): string {
  const [, day, time, fraction = ''] = UTC.exec(raw) ?? []
  if (day !== undefined) return `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const [, date, clock, hours, minutes = '00'] = ZONED.exec(raw) ?? []
  if (date !== undefined) return new Date(`${date}T${clock}${hours}:${minutes}`).toISOString()
  return BEYOND.test(raw) ? parseTimestamp(raw) : unsuited('datetime', raw)
}

function text(raw: unknown): string {
  if (typeof raw === 'string') return raw
  return typeof raw === 'number' || typeof raw === 'bigint' ? String(raw) : unsuited('text', raw)
}

function number(raw: unknown): number {
  const value = typeof raw === 'string' && raw.trim() === '' ? Number.NaN : Number(raw)
  const isNumber = typeof raw === 'number' || typeof raw === 'bigint' || typeof raw === 'string'
  // A minus before zero is lost in JSON; it must not be there in a process either.
  return isNumber && Number.isFinite(value) ? value + 0 : unsuited('number', raw)
}

function decimal(raw: unknown): string {
  const written = typeof raw === 'number' ? plain(raw) : text(raw)
  if (!DECIMAL.test(written)) return unsuited('decimal', raw)
  return written.replace(MINUS_ZERO, '$1')
}

/** Without an exponent: `1e21` has 22 digits. A decimal in a floating-point column has no more digits than that. */
function plain(value: number): string {
  const written = String(value)
  const [, sign, head, tail = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(written) ?? []
  if (head === undefined) return written
  const shift = Number(exponent)
  const digits = `${head}${tail}`
  return shift < 0
    ? `${sign}0.${digits.padStart(digits.length - shift - 1, '0')}`
    : `${sign}${digits.padEnd(shift + 1, '0')}`
}

function unsuited(kind: string, raw: unknown): never {
  throw new UnsuitedError(`a ${typeof raw} that cannot be shown as ${kind}`)
}
