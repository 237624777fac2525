import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ENTRY_BYTES,
  type TableEntry,
  entriesAfter,
  hashAt,
  merged,
  newestOf,
  sequencesOf,
  splitOldest,
  tableOf,
} from '../../src/commands/actor/command-table.ts'

const entry = fc.record({
  // Few, so that some are there more than once.
  hash: fc.integer({ min: 0, max: 40 }),
  sequence: fc.integer({ min: 1, max: 30 }),
  recordedAt: fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * 1000),
})
const entries = fc.array(entry, { maxLength: 60 })

/** What a table holds, in an order of its own. */
const told = (table: Buffer) =>
  Array.from({ length: table.length / ENTRY_BYTES }, (_, index) =>
    table.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES).toString('hex'),
  ).toSorted()
const toldOf = (list: TableEntry[]) => told(tableOf(list))

function expectSorted(table: Buffer): void {
  for (let at = ENTRY_BYTES; at < table.length; at += ENTRY_BYTES)
    expect(hashAt(table, at)).toBeGreaterThanOrEqual(hashAt(table, at - ENTRY_BYTES))
}

test('two tables in one hold what both hold, in order, but for what is too old', () => {
  fc.assert(
    fc.property(entries, entries, fc.nat(20), (a, b, oldest) => {
      const both = merged(tableOf(a), tableOf(b), oldest)
      expectSorted(both)
      expect(told(both)).toEqual(toldOf([...a, ...b].filter(({ recordedAt }) => recordedAt >= oldest * 1000)))
    }),
    { seed: 3 },
  )
})

test('the oldest commits are split off whole, and nothing is lost', () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 80 }), (list, count) => {
      const table = tableOf(list)
      const { oldest, through, rest } = splitOldest(table, count)
      expectSorted(oldest)
      expectSorted(rest)
      expect(told(oldest)).toEqual(toldOf(list.filter(({ sequence }) => sequence <= through)))
      expect(told(rest)).toEqual(toldOf(list.filter(({ sequence }) => sequence > through)))
      expect(rest).toEqual(entriesAfter(table, through))
      expect(oldest.length / ENTRY_BYTES).toBeGreaterThanOrEqual(Math.min(count, list.length))
      // Without its last commit there would be fewer than asked for.
      const before = list.filter(({ sequence }) => sequence < through).length
      expect(before).toBeLessThan(count)
    }),
    { seed: 4 },
  )
})

test('a hash tells all its sequences; the newest entry is the last that was recorded', () => {
  fc.assert(
    fc.property(entries, fc.nat(41), (list, hash) => {
      const table = tableOf(list)
      const expected = list.filter((one) => one.hash === hash).map(({ sequence }) => sequence)
      expect(new Set(sequencesOf(table, hash))).toEqual(new Set(expected))
      expect(sequencesOf(table, hash)).toHaveLength(expected.length)
      expect(newestOf(table)).toBe(Math.max(0, ...list.map(({ recordedAt }) => recordedAt / 1000)))
    }),
    { seed: 5 },
  )
})
