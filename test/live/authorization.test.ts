import { expect, test } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { defineEntity, defineGraph, defineLive } from '../../src/index.ts'
import { stackOfFile } from '../support/stack.ts'
import { BadUserInputError } from '../../src/graph/errors.ts'
import { until } from '../support/until.ts'
import { EVENTS_OF, overEventStream, overWebSocket, wsClient } from './clients.ts'
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

test('who loses the right to a row while following it is told nothing of what happens to it', async () => {
  let known = true
  const { write, url } = await openService(stack(), {
    graphs: [parcelGraph],
    identify: (caller) => (known ? caller : 'nobody'),
  })
  await write('o-2', 1, { customerId: 'ann' })
  const ann = overEventStream(url, ONE, {}, { caller: 'ann' })
  await ann.came(1)
  await write('o-2')
  await ann.came(2)
  known = false
  await write('o-2')
  const [, before, after] = await ann.came(3)
  expect(before).toMatchObject({ event: { version: 2 }, order: { id: 'o-2' } })
  expect(after).toMatchObject({ type: 'EVENT', event: null, order: null })
})

test('who is refused while following leaves the feed, and hears why', async () => {
  let known = true
  const { write, url, wsUrl, live } = await openService(stack(), {
    identify(caller) {
      if (known) return caller
      throw new BadUserInputError('authorization', 'is over')
    },
  })
  const told = [
    overEventStream(url, EVENTS_OF, { aggregate: 'order' }),
    overWebSocket(wsClient(wsUrl), EVENTS_OF, { aggregate: 'order' }),
  ]
  await Promise.all(told.map((one) => one.came(1)))
  await until('both to sit', async () => live.size().seats === 2)
  known = false
  await write('o-1')
  await Promise.all(told.map((one) => one.ending()))
  await until('the feeds to end', async () => live.size().seats === 0 && live.size().feeds === 0)
  for (const { errors } of told)
    expect(errors.map(({ message }) => message)).toEqual(['authorization: is over'])
})
