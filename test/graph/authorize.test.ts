import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { connection, defineEntity, defineGraph } from '../../src/index.ts'
import { asker } from './ask.ts'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

interface Caller {
  customer: string
  isStaff: boolean
}

/** Orders as a shop shows them to its customers: each their own, and what shipping cost to nobody but the staff. */
const parcels = defineEntity({
  type: 'Parcel',
  aggregate: order,
  projection: orderProjection,
  authorize: {
    row: ({ customerId }, caller: Caller) => caller.isStaff || caller.customer === customerId,
    fields: { shippingCost: (_, caller: Caller) => caller.isStaff },
  },
})
const lists = connection(parcels, { orderBy: { CREATED_AT: 'created_at' } })
const parcelGraph = defineGraph({
  typeDefs: [
    `extend type Query {
      parcel(id: ID!, asOfVersion: Int): Parcel
      parcels(orderBy: ParcelOrder, first: Int = 20, after: String): ParcelConnection!
    }
    type Parcel { id: ID!  status: String!  customerId: ID!  shippingCost: Decimal }`,
    lists.typeDefs,
  ],
  entities: [parcels],
  resolvers: { Query: { parcel: parcels.one, parcels: lists.all } },
})

const identify = (headers: Readonly<Record<string, string | string[] | undefined>>): Caller => ({
  customer: String(headers['x-customer'] ?? ''),
  isStaff: headers['x-customer'] === 'staff',
})

async function openParcels(isSubgraph = false) {
  const shop = await openShop(servers, { graphs: [parcelGraph], identify, isSubgraph })
  const ask = asker(shop.url)
  for (const customerId of ['anna', 'bert'])
    await shop.append('order', `o-${customerId}`, [
      { type: 'order.created', data: { ...anOrder(), customerId, shippingCost: '3.00', total: '4.00' } },
    ])
  for (const id of ['o-anna', 'o-bert']) await shop.project('order', id)
  return (customer: string, query: string) => ask(query, { headers: { 'x-customer': customer } })
}

describe('who may not see a row', () => {
  it('finds none, now or in the past, and none in lists', async () => {
    const ask = await openParcels()
    const query =
      '{ mine: parcel(id: "o-anna") { id } theirs: parcel(id: "o-bert") { id } past: parcel(id: "o-bert", asOfVersion: 1) { id } parcels { nodes { id } totalCount } }'
    const answer = await ask('anna', query)
    expect(answer.errors).toBeUndefined()
    expect(answer.data).toEqual({
      mine: { id: 'o-anna' },
      theirs: null,
      past: null,
      parcels: { nodes: [{ id: 'o-anna' }], totalCount: 2 },
    })
    expect((await ask('staff', query)).at('parcels.nodes')).toHaveLength(2)
  })

  it('finds none as an entity of a subgraph', async () => {
    const ask = await openParcels(true)
    const query = `{ _entities(representations: [{ __typename: "Parcel", id: "o-anna" }, { __typename: "Parcel", id: "o-bert" }]) { ... on Parcel { id } } }`
    expect((await ask('anna', query)).data).toEqual({ _entities: [{ id: 'o-anna' }, null] })
  })

  it('is refused the bare events as well', async () => {
    const ask = await openParcels()
    expect((await ask('staff', '{ eventsOf(aggregate: "order", id: "o-bert") { nodes { id } } }')).code).toBe(
      'FORBIDDEN',
    )
  })
})

it('who may not see a field gets null for it, and an error with its code', async () => {
  const ask = await openParcels()
  const answer = await ask('anna', '{ parcel(id: "o-anna") { id shippingCost } }')
  expect(answer.data).toEqual({ parcel: { id: 'o-anna', shippingCost: null } })
  expect(answer.errors).toMatchObject([
    { path: ['parcel', 'shippingCost'], extensions: { code: 'FORBIDDEN', status: 403 } },
  ])
  expect((await ask('staff', '{ parcel(id: "o-anna") { shippingCost } }')).data).toEqual({
    parcel: { shippingCost: '3.00' },
  })
})
