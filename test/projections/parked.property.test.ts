import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBatch } from '../../src/projections/batch/decode-batch.ts'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import type { Row } from '../../src/projections/definition/definition.ts'
import { foldBatch, keysOf } from '../../src/projections/batch/fold-batch.ts'
import { createPassParking } from '../../src/projections/parking/parking.ts'
import { createParkingLot } from '../../src/projections/parking/parking-lot.ts'
import { type Commit, MalformedCommitError } from '../../src/streams/events/commit.ts'
import { account, cloudEvent } from './support.ts'

/** Adds what is moved; `13` is poison to `evolve`, `14` to `key`, `15` makes a row that does not fit. */
const sums = defineProjection({
  name: 'sum',
  version: 1,
  from: [account],
  columns: { id: column.text().key(), sum: column.bigint(), trail: column.text() },
  key: (event) => {
    if (event.type === 'account.moved' && event.data.amount === 14) throw new Error('no key')
    return event.aggregateId.slice(0, 1)
  },
  evolve: {
    'account.moved': (row, { data, aggregateId, version }) => {
      if (data.amount === 13) throw new Error('thirteen')
      return {
        id: aggregateId.slice(0, 1),
        sum: (row?.sum ?? 0) + (data.amount === 15 ? 0.5 : data.amount),
        trail: `${row?.trail ?? ''} ${aggregateId}.${version}`,
      }
    },
  },
})

/** A step is an event's amount; `'unknown'` a type that nobody declares, `'noted'` one that the fold does not handle. */
type Step = number | 'unknown' | 'noted'
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>(13, 14, 15, 'unknown', 'noted') },
)
// Two aggregates share each row, so that what is left out of one must not hold up the other.
const anyCommit = fc.record({
  id: fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1'),
  steps: fc.oneof(
    { weight: 12, arbitrary: fc.array(anyStep, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant('garbage' as const) },
  ),
})
const sources = new Map([['account', account]])

it('any cut into batches leaves out the same events, and gives the same rows, as a straight fold that skips them', () => {
  fc.assert(
    fc.property(
      fc.array(anyCommit, { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1 }),
      (steps, sizes) => {
        const commits = commitsOf(steps)
        const table = new Map<string, Row>()
        const lot = createParkingLot({ projection: 'sum', target: 'live' })
        const leftOut: string[] = []
        for (let at = 0, turn = 0; at < commits.length; turn++) {
          const batch = commits.slice(at, (at += sizes[turn % sizes.length] ?? 1))
          const parking = createPassParking(batch, (type, id) => lot.blocks(type, id), 'park')
          const decoded = decodeBatch(sums, sources, batch, parking.decoding)
          const told = parking.applying(decoded)
          const before = new Map<string, Row>()
          for (const key of keysOf(sums, decoded.events, told)) {
            const row = table.get(key)
            if (row) before.set(key, row)
          }
          for (const row of foldBatch(sums, before, decoded.events, told).upserts)
            table.set(String(row['id']), row)
          const entries = parking.entries(1)
          lot.add(entries)
          leftOut.push(...entries.map(({ sequence, index, status }) => `${sequence}.${index} ${status}`))
        }
        const expected = straight(steps)
        expect(leftOut).toEqual(expected.leftOut)
        expect(Object.fromEntries([...table].map(([id, { sum }]) => [id, sum]))).toEqual(expected.rows)
        expect({ parked: lot.parked, queued: lot.queued }).toEqual(expected.counts)
      },
    ),
    { numRuns: 500 },
  )
})

function commitsOf(steps: { id: string; steps: Step[] | 'garbage' }[]): Commit[] {
  const versions = new Map<string, number>()
  return steps.map(({ id, steps }, index) => {
    const position = { stream: 'BANK', sequence: index + 1 }
    const commit = { position, aggregate: 'account', id, recordedAt: 0, previous: 0, size: 0 }
    if (steps === 'garbage') {
      return { ...commit, events: [], malformed: new MalformedCommitError(position, 'it is garbage') }
    }
    const events = steps.map((step) => {
      const version = (versions.get(id) ?? 0) + 1
      versions.set(id, version)
      const type =
        typeof step === 'number' ? 'account.moved' : step === 'noted' ? 'account.noted' : 'account.unheard'
      return cloudEvent('account', id, version, { type, data: { amount: step } })
    })
    return { ...commit, events }
  })
}

/** Shares nothing with the engine. */
function straight(steps: { id: string; steps: Step[] | 'garbage' }[]) {
  const blocked = new Set<string>()
  const rows: Record<string, number> = {}
  const leftOut: string[] = []
  for (const [index, { id, steps: list }] of steps.entries()) {
    const all: (Step | 'garbage')[] = list === 'garbage' ? ['garbage'] : list
    for (const [place, step] of all.entries()) {
      if (step === 'noted') continue
      const good = typeof step === 'number' && step < 13
      if (good && !blocked.has(id)) rows[id.charAt(0)] = (rows[id.charAt(0)] ?? 0) + step
      else leftOut.push(`${index + 1}.${place} ${blocked.has(id) ? 'queued' : 'parked'}`)
      if (!good) blocked.add(id)
    }
  }
  return { rows, leftOut, counts: { parked: blocked.size, queued: leftOut.length - blocked.size } }
}
