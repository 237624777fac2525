import { describe, expect, it } from 'vitest'
import type { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { rowAsOf } from '../../src/graph/reads/as-of.ts'
import type { HistoryEvent } from '../../src/graph/history/history-reader.ts'
import { readHistory } from '../../src/graph/history/history.ts'
import { anOrder } from './shop.ts'

const created = { ...anOrder(), total: '12.50' }

function history(...events: [type: keyof typeof order.events, time: string][]) {
  return readHistory(
    events.map(([type, time], index): HistoryEvent => ({
      id: `e-${index}`,
      type,
      time,
      data: type === 'order.created' ? created : {},
      aggregate: 'order',
      aggregateId: 'o-1',
      version: index + 1,
      sequence: index + 1,
      correlationId: 'x',
      causationId: 'x',
      commandId: 'x',
    })),
  )
}

const steps = history(
  ['order.created', '2026-01-01T10:00:00.000Z'],
  ['order.confirmed', '2026-01-03T10:00:00.000Z'],
  ['order.shipped', '2026-01-02T10:00:00.000Z'],
  ['order.delivered', '2026-01-04T10:00:00.000Z'],
)
const stateAt = async (moment: object) => {
  const past = await rowAsOf(orderProjection, steps, moment)
  return past && { status: past.row.status, version: past.row.version, events: past.events.length }
}

describe('the row as of a moment', () => {
  it('is not asked for without one', async () => {
    expect(await stateAt({})).toBeUndefined()
    expect(await stateAt({ asOf: null, asOfVersion: null })).toBeUndefined()
  })

  it.each([
    ['2026-01-01T09:59:59.999Z', null],
    ['2026-01-01T10:00:00.000Z', { status: 'CREATED', version: 1, events: 1 }],
    ['2026-01-01T12:00:00+02:00', { status: 'CREATED', version: 1, events: 1 }],
    // The third event happened by then, but not the second: the longest run of versions ends before it.
    ['2026-01-02T12:00:00.000Z', { status: 'CREATED', version: 1, events: 1 }],
    ['2026-01-03T10:00:00.000999Z', { status: 'SHIPPED', version: 3, events: 3 }],
    ['2027-01-01T00:00:00Z', { status: 'DELIVERED', version: 4, events: 4 }],
  ])('at %s is %j', async (asOf, expected) => {
    expect(await stateAt({ asOf })).toEqual(expected)
  })

  it.each([
    [1, { status: 'CREATED', version: 1, events: 1 }],
    [3, { status: 'SHIPPED', version: 3, events: 3 }],
    [4, { status: 'DELIVERED', version: 4, events: 4 }],
    [5, null],
  ])('at version %i is %j', async (asOfVersion, expected) => {
    expect(await stateAt({ asOfVersion })).toEqual(expected)
  })

  it('needs one moment, and a version that can be', async () => {
    const refused = {
      code: 'BAD_USER_INPUT',
      status: 400,
      errors: [expect.objectContaining({ path: 'asOfVersion' })],
    }
    await expect(stateAt({ asOf: '2026-01-01T10:00:00Z', asOfVersion: 1 })).rejects.toMatchObject(refused)
    await expect(stateAt({ asOfVersion: 0 })).rejects.toMatchObject(refused)
  })
})
