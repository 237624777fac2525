import { expect, test } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { defineEntity, defineGraph, defineLive } from '../../src/index.ts'
import { stackOfFile } from '../support/stack.ts'
import { EVENTS_OF, overEventStream } from './clients.ts'
import { openService } from './replica.ts'

const stack = stackOfFile()

const parcels = defineEntity({
  type: 'Parcel',
  aggregate: order,
  projection: orderProjection,
  authorize: { row: ({ customerId }, caller: string) => caller === customerId },
})
const live = defineLive(parcels)
const parcelGraph = defineGraph({
  typeDefs: ['type Parcel { id: ID!  status: String! }', live.typeDefs],
  entities: [parcels],
  resolvers: { Subscription: live.subscriptions, ...live.types },
})

const ALL = 'subscription { parcelsChanged { type cursor event { id version } order: parcel { id } } }'
const ONE =
  'subscription { parcelChanged(id: "o-2") { type cursor event { id version } order: parcel { id } } }'

test('who may not see a row hears neither of its state nor of its events', async () => {
  const { write, url, projected } = await openService(stack(), { graphs: [parcelGraph] })
  await write('o-1', 1, { customerId: 'ann' })
  await write('o-2', 1, { customerId: 'bob' })
  await projected()
  const ann = overEventStream(url, ALL, {}, { caller: 'ann' })
  const bob = overEventStream(url, ALL, {}, { caller: 'bob' })
  const curious = overEventStream(url, ONE, {}, { caller: 'ann' })
  await Promise.all([ann.came(2), bob.came(2), curious.came(1)])
  const [bobs] = await write('o-2')
  const [anns] = await write('o-1')
  await Promise.all([ann.came(3), bob.came(3)])
  const heard = (told: typeof ann) =>
    told.payloads.map(({ type, event, order }) => [type, event?.id, order?.['id']])
  expect(heard(ann)).toEqual([
    ['STATE', undefined, 'o-1'],
    ['BOOKMARK', undefined, undefined],
    ['EVENT', anns, 'o-1'],
  ])
  expect(heard(bob)).toEqual([
    ['STATE', undefined, 'o-2'],
    ['BOOKMARK', undefined, undefined],
    ['EVENT', bobs, 'o-2'],
  ])
  expect(heard(curious)).toEqual([['STATE', undefined, undefined]])
  const log = overEventStream(url, EVENTS_OF, { aggregate: 'order', fromStart: true }, { caller: 'ann' })
  await log.ending()
  expect(log.payloads).toEqual([])
  expect(log.errors[0]?.extensions?.code).toBe('FORBIDDEN')
})
