import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RecentCommands } from '../../src/commands/actor/recent-commands.ts'

const WINDOW = 3_600_000

test('an id is found under the sequence it was added with, fresh and packed', () => {
  const recent = new RecentCommands(WINDOW)
  recent.add('a', 7, Date.now())
  recent.add('b', 281_474_976_710_655, Date.now())
  const packed = new RecentCommands(WINDOW, recent.after(0))
  for (const one of [recent, packed]) {
    expect(one.find('a')).toEqual([7])
    expect(one.find('b')).toEqual([281_474_976_710_655])
    expect(one.find('c')).toEqual([])
  }
})

test('packing forgets what is past the window, and only that', () => {
  const recent = new RecentCommands(WINDOW)
  const now = Date.now()
  recent.add('old', 1, now - WINDOW - 2000)
  recent.add('young', 2, now - WINDOW + 60_000)
  const later = new RecentCommands(WINDOW, recent.after(0))
  expect([later.find('old'), later.find('young')]).toEqual([[], [2]])
  // What was packed while it was young is forgotten by a later packing.
  expect(
    new RecentCommands(10_000, new RecentCommands(10_000, later.after(0)).after(0)).find('young'),
  ).toEqual([])
})

test('a large table is not sorted again to take in a few: a hot aggregate packs with every snapshot', () => {
  const recent = new RecentCommands(WINDOW)
  for (let n = 0; n < 20_000; n++) recent.add(`c-${n}`, n, Date.now())
  recent.after(0)
  const compared = vi.spyOn(Buffer.prototype, 'compare')
  const read = vi.spyOn(Buffer.prototype, 'readUIntBE')
  onTestFinished(() => void vi.restoreAllMocks())
  for (let n = 0; n < 3; n++) recent.add(`d-${n}`, n, Date.now())
  recent.after(0)
  // Each is compared with the other new ones, and finds its place among the 20,000 by some fifteen looks at a hash.
  expect(compared.mock.calls.length).toBeLessThan(10)
  expect(read.mock.calls.length).toBeLessThan(3 * 20)
  expect(recent.find('c-12345')).toEqual([12_345])
})

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), id: fc.nat(60), age: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('burst' as const), from: fc.integer({ min: 100, max: 5000 }) }),
  },
)

test('it equals a plain map under adding, packing, reloading and pruning', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let recent = new RecentCommands(WINDOW)
      const plain = new Map<string, number[]>()
      let sequence = 0
      const add = (id: string, old: boolean) => {
        // An id is in the log once within the window: only what is not there is added.
        if (plain.has(id)) return
        sequence++
        recent.add(id, sequence, Date.now() - (old ? WINDOW + 5000 : 0))
        if (!old) plain.set(id, [sequence])
      }
      for (const one of steps) {
        if (one.kind === 'add') add(`id-${one.id}`, one.age === 0)
        else if (one.kind === 'burst')
          for (let n = 0; n < 1100; n++) add(`burst-${one.from + n}`, n % 10 === 0)
        else recent = new RecentCommands(WINDOW, recent.after(0))
      }
      recent = new RecentCommands(WINDOW, recent.after(0))
      for (const [id, sequences] of plain) expect(recent.find(id)).toEqual(sequences)
      for (let n = 0; n <= 60; n++) expect(recent.find(`id-${n}`)).toEqual(plain.get(`id-${n}`) ?? [])
      expect(recent.find('never')).toEqual([])
    }),
    { numRuns: 50, seed: 7 },
  )
})
