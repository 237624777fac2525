import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseTimestamp } from '../../src/projections/database/pg-types.ts'
import { sequencesBetween } from '../../src/projections/positions/checkpoint.ts'
import { channelOf, decodeNotice, encodeNotice } from '../../src/projections/positions/notices.ts'
import { createMeter } from '../../src/projections/status/meter.ts'
import { columnLiteral, textLiteral } from '../../src/projections/tables/array-literal.ts'
import { column } from '../../src/projections/definition/column.ts'

const anything = z.unknown()

it('the distance between positions is that of the streams that are behind', () => {
  const from = new Map([
    ['BANK', 10],
    ['POST', 500],
  ])
  expect(sequencesBetween(from, from)).toBe(0)
  expect(sequencesBetween(from, new Map([['BANK', 13]]))).toBe(3)
  expect(
    sequencesBetween(
      from,
      new Map([
        ['BANK', 110],
        ['POST', 2],
        ['NEWS', 7],
      ]),
    ),
  ).toBe(107)
})

describe('a meter', () => {
  it('tells the rate, and forgets it', () => {
    let now = 0
    const meter = createMeter(() => now)
    expect(meter.perSecond()).toBe(0)
    for (; now < 60_000; now += 100) meter.add(10)
    expect(meter.perSecond()).toBeGreaterThan(97)
    expect(meter.perSecond()).toBeLessThan(102)
    now += 5000
    expect(meter.perSecond()).toBeCloseTo(100 / Math.E, -1)
    now += 100_000
    expect(meter.perSecond()).toBeLessThan(0.001)
  })
})

describe('a notice', () => {
  it('comes as it was sent', () => {
    const notice = { projection: 'order', positions: { ORDERS: 42 } }
    expect(decodeNotice(encodeNotice(notice))).toEqual(notice)
  })

  it.each([
    undefined,
    '',
    '{',
    'null',
    '1',
    '[]',
    '{"projection":"order"}',
    '{"positions":{}}',
    '{"projection":1,"positions":{}}',
    '{"projection":"order","positions":null}',
    '{"projection":"order","positions":7}',
    '{"projection":"order","positions":{"ORDERS":"42"}}',
  ])('is none in %s, which anybody may have sent', (payload) => expect(decodeNotice(payload)).toBeUndefined())

  it('goes on a channel whose name fits into an identifier', () => {
    expect(channelOf('public')).toBe('headwater.public')
    expect(channelOf('s'.repeat(63))).toHaveLength(63)
  })
})

it.each([
  ['2026-01-31 10:00:00+00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31 10:00:00.1+00', '2026-01-31T10:00:00.100Z'],
  ['2026-01-31 10:00:00.123456+00', '2026-01-31T10:00:00.123Z'],
  ['infinity', 'infinity'],
  ['0044-03-15 10:00:00+00 BC', '0044-03-15 10:00:00+00 BC'],
  ['2026-01-31 10:00:00+02', '2026-01-31 10:00:00+02'],
])('the timestamp %s is read as %s', (text, read) => expect(parseTimestamp(text)).toBe(read))

describe('an array literal', () => {
  it('quotes texts, and what is special in them', () => {
    expect(textLiteral([])).toBe('{}')
    expect(textLiteral(['a', 'NULL', 'b"c\\d,{}'])).toBe(String.raw`{"a","NULL","b\"c\\d,{}"}`)
  })

  it('tells nothing from null, where a column has it', () => {
    const rows = [{ a: null }, { a: 1 }, { a: 2 }]
    expect(columnLiteral('a', column.integer().nullable(), rows)).toBe('{NULL,1,2}')
    expect(columnLiteral('a', column.json(anything).nullable(), rows)).toBe('{NULL,"1","2"}')
    // JSON has a null of its own.
    expect(columnLiteral('a', column.json(anything), rows)).toBe('{"null","1","2"}')
    expect(columnLiteral('a', column.text().nullable(), [{ a: null }, { a: 'NULL' }])).toBe('{NULL,"NULL"}')
  })
})
