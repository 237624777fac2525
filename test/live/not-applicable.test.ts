import { expect, test } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { defineEntity, defineGraph, defineLive } from '../../src/index.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'
import { stackOfFile } from '../support/stack.ts'
import { overEventStream } from './clients.ts'
import { openService } from './replica.ts'

const stack = stackOfFile()

const fragile = {
  ...orderProjection,
  evolve(row: Record<string, unknown> | null, event: RecordedEvent) {
    if (event.type === 'order.confirmed')
      throw new TypeError("Cannot read properties of undefined (reading 'x')")
    return orderProjection.evolve(row, event)
  },
}
const parcels = defineEntity({ type: 'Parcel', aggregate: order, projection: fragile })
const live = defineLive(parcels)
const parcelGraph = defineGraph({
  typeDefs: ['type Parcel { id: ID!  status: String! }', live.typeDefs],
  entities: [parcels],
  resolvers: { Subscription: live.subscriptions, ...live.types },
})
const ONE =
  'subscription ($after: Cursor) { parcelChanged(id: "o-1", after: $after) { type cursor event { id version } order: parcel { id status } } }'

test('a subscription whose fold cannot take an event says so in the place of the state', async () => {
  const { write, url } = await openService(stack(), { graphs: [parcelGraph] })
  await write('o-1', 1)
  const told = overEventStream(url, ONE)
  await told.came(1)
  await write('o-1')
  await Promise.race([told.came(2), told.ending()])
  // Once more from the place before, and from the present: nobody has folded it yet, in either way.
  const again = overEventStream(url, ONE, { after: told.payloads[0]?.cursor })
  await Promise.race([again.came(1), again.ending()])
  const present = overEventStream(url, ONE)
  await Promise.race([present.came(1), present.ending()])
  for (const { errors } of [told, again, present]) {
    expect(errors[0]?.extensions).toMatchObject({ code: 'EVENT_NOT_APPLICABLE' })
    expect(JSON.stringify(errors)).not.toMatch(/TypeError|properties/)
  }
})
