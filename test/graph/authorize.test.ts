import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { connection, defineEntity, defineGraph } from '../../src/index.ts'
import { asker } from './ask.ts'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'
import { createSealedCursors } from '../../src/graph/reads/sealed-cursors.ts'

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

const ONE_EACH: [string, string][] = [
  ['o-anna', 'anna'],
  ['o-bert', 'bert'],
]

/** @param owners whose order each is, the newest first; one of each unless given */
async function openParcels(isSubgraph = false, owners: [id: string, customerId: string][] = ONE_EACH) {
  const shop = await openShop(servers, { graphs: [parcelGraph], identify, isSubgraph })
  const ask = asker(shop.url)
  for (const [index, [id, customerId]] of owners.entries()) {
    const data = { ...anOrder(), customerId, shippingCost: '3.00', total: '4.00' }
    const time = new Date(Date.UTC(2026, 0, 31 - index)).toISOString()
    await shop.append('order', id, [{ type: 'order.created', data }], { time })
    await shop.project('order', id)
  }
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

describe('the pages of a list of which most is hidden', () => {
  const owners = [
    'bert',
    'bert',
    'bert',
    'anna',
    'bert',
    'bert',
    'bert',
    'bert',
    'bert',
    'anna',
    'bert',
    'bert',
  ]
  const PAGE = (after: unknown) =>
    `{ parcels(first: 2, after: ${JSON.stringify(after)}) { edges { cursor node { id } } pageInfo { hasNextPage startCursor endCursor } } }`

  async function pagesOf(ask: Awaited<ReturnType<typeof openParcels>>, customer: string) {
    const pages: { ids: unknown[]; cursor: unknown }[] = []
    for (let after: unknown = null; pages.length < 20;) {
      const answer = await ask(customer, PAGE(after))
      expect(answer.errors).toBeUndefined()
      const edges = answer.at('parcels.edges')
      const ids = Array.isArray(edges) ? edges.map((edge: { node: { id: string } }) => edge.node.id) : []
      after = answer.at('parcels.pageInfo.endCursor')
      pages.push({ ids, cursor: after })
      if (answer.at('parcels.pageInfo.hasNextPage') !== true) break
    }
    return pages
  }

  it('lead to the end, and no cursor tells of what is hidden', async () => {
    const ask = await openParcels(
      false,
      owners.map((owner, index) => [`hush-${index}-${owner}`, owner]),
    )
    const pages = await pagesOf(ask, 'anna')
    expect(pages.flatMap(({ ids }) => ids)).toEqual(['hush-3-anna', 'hush-9-anna'])
    expect(pages.length).toBeLessThan(10)
    const blind = pages.filter(({ ids, cursor }) => ids.length === 0 && cursor !== null)
    expect(blind.length).toBeGreaterThan(2)
    for (const { cursor } of blind) {
      const text = Buffer.from(String(cursor), 'base64url').toString('latin1')
      expect(text).not.toMatch(/hush|bert|2026|Parcel|CREATED/)
      // The same place has the same cursor, and the length tells nothing of the id.
      expect(String(cursor)).toHaveLength(String(blind[0]?.cursor).length)
    }
    expect(await pagesOf(ask, 'anna')).toEqual(pages)
    expect((await pagesOf(ask, 'staff')).flatMap(({ ids }) => ids)).toHaveLength(owners.length)
    expect((await pagesOf(ask, 'nobody')).at(-1)).toEqual({ ids: [], cursor: null })
  })

  it('refuse a cursor of a hidden row that was made elsewhere, or of another list', async () => {
    const ask = await openParcels()
    const sealedBy = (secret: string, ...parts: string[]) =>
      createSealedCursors(secret).seal(JSON.stringify(parts))
    const row = ['2026-02-01T00:00:00+00:00', 'x'] as const
    expect(
      (await ask('staff', PAGE(sealedBy('of a shop', 'Parcel CREATED_AT DESC', ...row)))).at('parcels.edges'),
    ).toHaveLength(2)
    for (const cursor of [
      sealedBy('another', 'Parcel CREATED_AT DESC', ...row),
      sealedBy('of a shop', 'Order CREATED_AT DESC', ...row),
      `${sealedBy('of a shop', 'Parcel CREATED_AT DESC', ...row).slice(0, -4)}AAAA`,
      'AQ',
    ])
      expect((await ask('staff', PAGE(cursor))).code).toBe('BAD_USER_INPUT')
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
