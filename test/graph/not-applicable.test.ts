import { afterAll, beforeAll, expect, it } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { defineEntity, defineGraph } from '../../src/index.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'
import { asker } from './ask.ts'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

/** Bears no order that is confirmed, as of a bug, or of an event that another program has written. */
const fragile = {
  ...orderProjection,
  evolve(row: Record<string, unknown> | null, event: RecordedEvent) {
    if (event.type === 'order.confirmed')
      throw new TypeError("Cannot read properties of undefined (reading 'x')")
    return orderProjection.evolve(row, event)
  },
}
const parcels = defineEntity({ type: 'Parcel', aggregate: order, projection: fragile })
const parcelGraph = defineGraph({
  typeDefs: `extend type Query { parcel(id: ID!, asOfVersion: Int, asOf: DateTime): Parcel } type Parcel { id: ID! status: String! }`,
  entities: [parcels],
  resolvers: { Query: { parcel: parcels.one } },
})
const events = [
  { type: 'order.created', data: { ...anOrder(), total: '12.50' } },
  { type: 'order.confirmed', data: {} },
]

it('a field whose fold cannot take an event says so, and of which aggregate; the log has the cause', async () => {
  const shop = await openShop(servers, { graphs: [parcelGraph] })
  const ask = asker(shop.url)
  await shop.append('order', 'o-1', events)
  const query = (moment: string) => `{ parcel(id: "o-1", ${moment}) { status } }`
  expect((await ask(query('asOfVersion: 1'))).data).toEqual({ parcel: { status: 'CREATED' } })
  for (const moment of ['asOfVersion: 2', 'asOf: "2100-01-01T00:00:00Z"']) {
    const { data, errors } = await ask(query(moment))
    expect(data).toEqual({ parcel: null })
    expect(errors).toMatchObject([
      { path: ['parcel'], extensions: { code: 'EVENT_NOT_APPLICABLE', status: 500 } },
    ])
    expect(errors?.[0]?.message).toMatch(/^order o-1: the event of version 2 cannot be applied/)
    expect(JSON.stringify(errors)).not.toMatch(/TypeError|properties/)
  }
  expect(shop.lines.join('\n')).toContain('Cannot read properties')
})
