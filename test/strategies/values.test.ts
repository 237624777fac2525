import { describe, expect, it } from 'vitest'
import type { FieldMapping, ValueKind } from '../../src/graph/strategies/entity-mapping.ts'
import { UnsuitedError } from '../../src/graph/strategies/errors.ts'
import { shown } from '../../src/graph/strategies/values.ts'

const field = (kind: ValueKind, more: Partial<FieldMapping> = {}): FieldMapping => ({
  column: 'c',
  kind,
  ...more,
})

describe('a value as a driver gives it is shown as a subgraph would', () => {
  it.each<[ValueKind, unknown, unknown]>([
    ['text', 'tea', 'tea'],
    ['text', 7, '7'],
    ['id', 9_007_199_254_740_993n, '9007199254740993'],
    ['int', '42', 42],
    ['int', 42n, 42],
    ['int', -0, 0],
    ['long', '9007199254740991', 9_007_199_254_740_991],
    ['float', '1.5', 1.5],
    ['decimal', '12.50', '12.50'],
    ['decimal', '-0.00', '0.00'],
    ['decimal', 12.5, '12.5'],
    ['decimal', 1e21, '1000000000000000000000'],
    ['decimal', 1.25e-7, '0.000000125'],
    ['decimal', -1.5e-7, '-0.00000015'],
    ['decimal', -2.5e22, '-25000000000000000000000'],
    ['boolean', 't', true],
    ['boolean', 'false', false],
    ['boolean', 1, true],
    ['boolean', 0, false],
    ['boolean', new Uint8Array([0, 1]), true],
    ['boolean', new Uint8Array([0, 0]), false],
    ['datetime', '2026-01-31 10:00:00', '2026-01-31T10:00:00.000Z'],
    ['datetime', '2026-01-31 10:00:00.123456+00', '2026-01-31T10:00:00.123Z'],
    ['datetime', '2026-01-31T10:00:00.5Z', '2026-01-31T10:00:00.500Z'],
    ['datetime', '2026-01-31 12:00:00+02', '2026-01-31T10:00:00.000Z'],
    ['datetime', '2026-01-31 15:30:00.25+05:30', '2026-01-31T10:00:00.250Z'],
    ['datetime', 'infinity', 'infinity'],
    ['datetime', new Date('2026-01-31T10:00:00Z'), '2026-01-31T10:00:00.000Z'],
    ['date', '2026-01-31', '2026-01-31'],
    ['date', new Date('2026-01-31T00:00:00Z'), '2026-01-31'],
    ['json', '{"a":[1]}', { a: [1] }],
    ['json', { a: 1 }, { a: 1 }],
    ['json', 7n, 7],
    ['enum', 'PAID', 'PAID'],
    ['text', null, null],
    ['int', undefined, null],
  ])('%s %o', (kind, raw, expected) => {
    expect(shown(field(kind), raw)).toEqual(expected)
  })
})

describe('what has no such form is left to the subgraph', () => {
  it.each<[ValueKind, unknown, string]>([
    ['text', { a: 1 }, 'a object that cannot be shown as text'],
    ['int', '', 'a string that cannot be shown as number'],
    ['int', ' ', 'a string that cannot be shown as number'],
    ['int', 'many', 'a string that cannot be shown as number'],
    ['int', true, 'a boolean that cannot be shown as number'],
    ['int', '2147483648', 'a value that the scalar of the kind int refuses'],
    ['float', 'Infinity', 'a string that cannot be shown as number'],
    ['decimal', '12,50', 'a string that cannot be shown as decimal'],
    ['boolean', 'yes', 'a string that cannot be shown as boolean'],
    ['datetime', '0000-00-00 00:00:00', 'a string that cannot be shown as datetime'],
    ['datetime', 7, 'a number that cannot be shown as datetime'],
    ['date', '0000-00-00', 'a string that cannot be shown as date'],
    ['date', 7, 'a number that cannot be shown as date'],
    ['json', '{', 'a string that cannot be shown as json'],
  ])('%s %o', (kind, raw, message) => {
    expect(() => shown(field(kind), raw)).toThrow(new UnsuitedError(message))
  })

  it('a null where none may be, a name that the enum does not have', () => {
    expect(() => shown(field('text', { required: true }), null)).toThrow(
      'a null in a field that is not nullable',
    )
    const status = field('enum', { values: ['OPEN', 'PAID'] })
    expect(shown(status, 'PAID')).toBe('PAID')
    expect(shown(status, null)).toBeNull()
    expect(() => shown(status, 'paid')).toThrow('a value that the enum does not have')
  })
})
