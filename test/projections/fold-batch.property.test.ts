import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { type Row } from '../../src/projections/definition/definition.ts'
import { BatchEventError, foldBatch, keysOf } from '../../src/projections/batch/fold-batch.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'
import { accountProjection, closed, moved, noted, opened, straightFold } from './accounts.ts'
import { type NewEvent, account } from './support.ts'

const anyEvent = fc.oneof(
  fc.constantFrom('ann', 'bob').map(opened),
  fc.integer({ min: -50, max: 50 }).map(moved),
  fc.constant(closed),
  fc.constant(noted),
)
const history = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), event: anyEvent }), {
  maxLength: 60,
})

it('gives the rows of a straight fold, however the events are cut into batches', () => {
  const definition = accountProjection()
  fc.assert(
    fc.property(history, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (steps, sizes) => {
      const events = recorded(steps)
      const table = new Map<string, Row>()
      for (let at = 0, turn = 0; at < events.length; turn++) {
        const batch = events.slice(at, (at += sizes[turn % sizes.length] ?? 1))
        apply(definition, table, batch)
      }
      const expected = straightFold(steps.map(({ id, event }) => ({ id, events: [event] })))
      expect([...table.values()].sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))).toEqual(
        expected,
      )
    }),
    { numRuns: 300 },
  )
})

it('hands a fold the same values whether the row before was stored or is still in memory', () => {
  const seen: unknown[] = []
  const definition = defineProjection({
    name: 'seen',
    version: 1,
    from: [account],
    columns: { id: column.text().key(), at: column.timestamp(), extra: column.json(z.looseObject({})) },
    evolve: {
      'account.moved': (row, { aggregateId }) => {
        seen.push(row)
        return { id: aggregateId, at: '2026-01-31T12:00:00+02:00', extra: { left: undefined, on: 1 } }
      },
    },
  })
  foldBatch(definition, new Map(), recorded([moved(1), moved(2)].map((event) => ({ id: 'a', event }))))
  expect(seen).toStrictEqual([null, { id: 'a', at: '2026-01-31T10:00:00.000Z', extra: { on: 1 } }])
})

it('deletes only rows that are stored, and leaves alone what it was not told of', () => {
  const definition = accountProjection()
  const events = recorded([
    { id: 'a', event: opened() },
    { id: 'a', event: closed },
    { id: 'b', event: closed },
    { id: 'c', event: noted },
  ])
  const stored = new Map<string, Row>([['b', { id: 'b', owner: 'x', balance: 0, trail: 1, version: 1 }]])
  expect(keysOf(definition, events)).toEqual(['a', 'b'])
  expect(foldBatch(definition, stored, events)).toEqual({ upserts: [], deletes: ['b'] })
})

it.each([
  ['is not a decimal', { amount: '1e3' }, /column amount is not a decimal/],
  ['is negative zero', { amount: '-0.00' }, /column amount is not a decimal/],
  ['is not a safe integer', { count: 2 ** 53 }, /column count is not a whole number/],
  ['has 33 bits', { small: 2 ** 31 }, /column small is not a whole number of 32 bits/],
  ['is no time', { at: '2026-01-31' }, /column at is not an ISO 8601 time/],
  ['has no place in UTF-8', { text: 'a\ud800' }, /column text holds/],
  ['holds a null character', { json: { deep: ['\0'] } }, /column json holds/],
  ['is missing', { flag: undefined }, /column flag is missing/],
  ['is null', { text: null }, /column text is null/],
  ['has another key', { id: 'other' }, /row's id is other/],
  ['has no column', { other: 1 }, /value for other, which is no column/],
])('refuses a value that %s, and names the event', (_, wrong, message) => {
  const good = {
    text: 'a',
    amount: '1.50',
    at: '2026-01-31T10:00:00Z',
    count: 1,
    small: 1,
    flag: true,
    json: { a: 1 },
  }
  const definition = defineProjection({
    name: 'checked',
    version: 1,
    from: [account],
    columns: {
      id: column.text().key(),
      text: column.text(),
      amount: column.numeric(),
      at: column.timestamp(),
      count: column.bigint(),
      small: column.integer(),
      flag: column.boolean(),
      json: column.json(z.unknown()),
    },
    evolve: {
      'account.moved': (__, { aggregateId, data }) => row(aggregateId, data.amount === 2 ? wrong : {}),
    },
  })
  // What a careless upcaster or a schema of `unknown` lets through is not what the types say.
  function row(id: string, values: object) {
    return Object.assign({ id, ...good }, values)
  }
  const events = recorded([moved(1), moved(2)].map((event) => ({ id: 'a', event })))
  const fold = () => foldBatch(definition, new Map(), events)
  expect(fold).toThrow(BatchEventError)
  expect(fold).toThrow(
    expect.objectContaining({
      index: 1,
      cause: expect.objectContaining({ message: expect.stringMatching(message) }),
    }),
  )
})

it.each([
  ['is no string', 7],
  ['holds a null character', 'a\0b'],
])('refuses a key that %s, and names the event', (_, key: unknown) => {
  const careless = z.custom<string>(() => true)
  const definition = defineProjection({
    name: 'keyed',
    version: 1,
    from: [account],
    columns: { id: column.text().key() },
    key: ({ aggregateId }) => (aggregateId === 'b' ? careless.parse(key) : aggregateId),
    evolve: { 'account.moved': (row) => row },
  })
  const events = recorded(['a', 'b'].map((id) => ({ id, event: moved(1) })))
  const refused = expect.objectContaining({
    index: 1,
    cause: expect.objectContaining({ message: 'The key is not a string that can be stored' }),
  })
  expect(() => keysOf(definition, events)).toThrow(refused)
  expect(() => foldBatch(definition, new Map(), events)).toThrow(refused)
})

function apply(
  definition: ReturnType<typeof accountProjection>,
  table: Map<string, Row>,
  batch: RecordedEvent[],
) {
  const rows = new Map<string, Row>()
  for (const key of keysOf(definition, batch)) {
    const row = table.get(key)
    if (row) rows.set(key, row)
  }
  const { upserts, deletes } = foldBatch(definition, rows, batch)
  for (const row of upserts) table.set(String(row['id']), row)
  for (const key of deletes) table.delete(key)
}

function recorded(steps: { id: string; event: NewEvent }[]): RecordedEvent[] {
  const versions = new Map<string, number>()
  return steps.map(({ id, event: { type, data } }) => {
    const version = (versions.get(id) ?? 0) + 1
    versions.set(id, version)
    const ids = { correlationId: 'c', causationId: 'c', commandId: 'c' }
    return {
      id: `${id}-${version}`,
      type,
      data,
      aggregate: 'account',
      aggregateId: id,
      version,
      time: '',
      ...ids,
    }
  })
}
