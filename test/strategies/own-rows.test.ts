import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { productGraph } from '../../src/domains/inventory/graph.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import type { GraphDefinition } from '../../src/graph/schema/define-graph.ts'
import type { EntityType } from '../../src/graph/schema/entity-type.ts'
import { composeSubgraph } from '../../src/graph/compose.ts'
import { mappingOf } from '../../src/graph/strategies/mapping-of.ts'
import { columnStatements } from '../../src/graph/strategies/own-statements.ts'
import { defineEntity, defineGraph } from '../../src/index.ts'
import { type Servers, startServers } from '../graph/servers.ts'
import { type Shop, aCustomer, aProduct, anOrder, openShop } from '../graph/shop.ts'
import { bothWays } from './own-ways.ts'
import { type AskOptions, operation, requestOf } from './requests.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const GRAPHS = [orderGraph, customerGraph, productGraph]
const WHOLE_ROW = /select \*/

async function openWays(
  graphs: readonly GraphDefinition[] = GRAPHS,
  open?: (shop: Shop) => Promise<unknown>,
) {
  const shop = await openShop(servers)
  await open?.(shop)
  return { shop, ...bothWays(graphs, shop.resources) }
}

type Ways = Pick<Awaited<ReturnType<typeof openWays>>, 'own' | 'executed' | 'read'>

const query = (selection: string, definitions = '') =>
  `query ($r: [_Any!]! ${definitions}) { _entities(representations: $r) { ${selection} } }`

/** Asks both, until the operation is compiled: to the letter the same. Answers what was said, and read for it, the last time. */
async function same(
  { own, executed, read }: Ways,
  text: string,
  variables: Record<string, unknown>,
  options?: AskOptions,
) {
  const asked = operation(text)
  let statements: string[] = []
  let result = await executed.execute(requestOf(asked, variables, options))
  for (let run = 0; run < 4; run++) {
    read()
    const mine = await own.execute(requestOf(asked, variables, options))
    statements = read()
    const { data, ...others } = (result = await executed.execute(requestOf(asked, variables, options)))
    expect(JSON.stringify(mine.data)).toBe(JSON.stringify(data))
    expect({ ...mine, data }).toEqual({ data, ...others })
  }
  return { result, statements }
}

const orderOf = (id: unknown) => ({ __typename: 'Order', id })
const customerOf = (id: string) => ({ __typename: 'Customer', id })
const productOf = (sku: string) => ({ __typename: 'Product', sku })

async function stocked(shop: Shop) {
  await shop.command('customer', 'c-1', 'register', aCustomer())
  await shop.command('customer', 'c-2', 'register', aCustomer({ name: 'Zoë', email: 'zoe@example.org' }))
  await shop.command('product', 'sku-1', 'add', aProduct())
  await shop.command('order', 'o-1', 'create', anOrder())
  await shop.command('order', 'o-2', 'create', anOrder({ shippingCost: '0.00' }))
  await shop.command('order', 'o-2', 'cancel', { reason: 'changed my mind' })
  const { position } = await shop.command('order', '7', 'create', anOrder())
  // The notice of it comes by itself; until then two requests may differ in what they say of positions.
  await shop.resources.reading.applied.waitFor('order', position, 50_000)
}

describe('columns of its own tables', () => {
  it('answer as the subgraph does, by a statement that reads no others', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const { result, statements } = await same(
      ways,
      query(
        '... on Order { id status customerId currency total shippingCost items { sku quantity unitPrice } createdAt updatedAt version }',
      ),
      { r: ['o-2', 'o-1', 'o-3', 'o-2', 7].map(orderOf) },
    )
    expect(result.errors).toBeUndefined()
    expect(result.data?.['_entities']).toMatchObject([
      { status: 'CANCELLED' },
      { status: 'CREATED' },
      null,
      {},
      { id: '7' },
    ])
    expect(statements).toHaveLength(1)
    const narrow = await same(ways, query('... on Customer { name city }'), { r: [customerOf('c-2')] })
    expect(narrow.statements).toEqual([
      'select "city", "id", "name" from "tb_customer_projection" where id = any($1)',
    ])
  })

  it('with aliases, fragments, conditions, several fetches and several types', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const text = `query ($r: [_Any!]!, $s: [_Any!]!, $all: Boolean! = false, $not: Boolean = true) {
      _entities(representations: $r) { __typename ...Brief ... on Customer { called: name city @include(if: $all) } ... on Product { sku price stock createdAt } }
      more: _entities(representations: $s) { kind: __typename ... on Order { a: items { sku } b: items { of: unitPrice __typename } total @skip(if: $not) } }
    }
    fragment Brief on Order { status version again: status }`
    const r = [customerOf('c-1'), orderOf('o-1'), productOf('sku-1'), customerOf('c-9')]
    for (const all of [true, false]) {
      const { statements, result } = await same(ways, text, { r, s: [orderOf('o-2')], all, not: !all })
      expect(result.errors).toBeUndefined()
      expect(statements).toHaveLength(3)
      expect(statements.join()).not.toMatch(WHOLE_ROW)
    }
    // What is left to the defaults of variables only whoever executes knows.
    const { result } = await same(ways, text, { r, s: [orderOf('o-2')] })
    expect(result.data?.['more']).toEqual([{ kind: 'Order', a: [{ sku: 'sku-1' }], b: [expect.anything()] }])
    await same(ways, text, { r, s: [orderOf('o-2')], all: 'yes' })
  })

  it('with the positions that they know of', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const { result } = await same(ways, query('... on Order { status }'), { r: [orderOf('o-1')] })
    const stream = ways.shop.homes.get('order')?.log.stream ?? ''
    expect(result.extensions).toMatchObject({
      headwater: { projections: { order: { positions: { [stream]: 4 } } } },
    })
  })
})

describe('what the request has to see', () => {
  it('is waited for', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 20_000 } })
    const { own, read } = bothWays(GRAPHS, shop.resources)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { stream, sequence } = await shop.append('order', 'o-1', [{ type: 'order.confirmed', data: {} }])
    const headers = { 'headwater-at-least': `${stream}=${sequence}` }
    const answer = own.execute(
      requestOf(operation(query('... on Order { status }')), { r: [orderOf('o-1')] }, { headers }),
    )
    for (let turn = 0; turn < 5; turn++) await shop.pool.query('select 1')
    expect(read()).toEqual([])
    await shop.project('order', 'o-1')
    expect(await answer).toMatchObject({
      data: { _entities: [{ status: 'CONFIRMED' }] },
      extensions: { headwater: { projections: { order: { positions: { [stream]: sequence } } } } },
    })
    expect(read()).toEqual(['select "id", "status" from "tb_order_projection" where id = any($1)'])
  })

  it('is not waited for in vain twice, and its error is the subgraph’s', async () => {
    const shop = await openShop(servers, { settings: { atLeastTimeoutMs: 20 } })
    const { position } = await shop.command('order', 'o-1', 'create', anOrder())
    const { reading } = shop.resources
    const { applied } = reading
    await applied.waitFor('order', position, 50_000)
    let waits = 0
    const counted = {
      ...applied,
      waitFor(...asked: Parameters<typeof applied.waitFor>) {
        waits += 1
        return applied.waitFor(...asked)
      },
    }
    const ways = bothWays(GRAPHS, { ...shop.resources, reading: { ...reading, applied: counted } })
    const stream = shop.homes.get('order')?.log.stream ?? ''
    const headers = { 'headwater-at-least': `${stream}=99` }
    const { result } = await same(
      ways,
      query('... on Order { status }'),
      { r: [orderOf('o-1'), orderOf('o-2')] },
      { headers },
    )
    expect(result.errors).toMatchObject([
      { path: ['_entities', 0], extensions: { code: 'PROJECTION_BEHIND' } },
      { path: ['_entities', 1], extensions: { code: 'PROJECTION_BEHIND' } },
    ])
    waits = 0
    await ways.own.execute(
      requestOf(operation(query('... on Order { status }')), { r: [orderOf('o-1')] }, { headers }),
    )
    expect(waits).toBe(1)
  })
})

describe('what only the subgraph can say', () => {
  it.each([
    ['history', '... on Order { status allEvents(first: 1) { nodes { type } } }'],
    ['a field with a resolver', '... on Order { status customer { id name } }'],
    ['a field below a column with a resolver', '... on Order { items { sku product { name } } }'],
    ['a fragment on another type alone', '... on Customer { name }'],
  ])('%s', async (_, selection) => {
    const ways = await openWays(GRAPHS, stocked)
    const { result } = await same(ways, query(selection), { r: [orderOf('o-1'), orderOf('o-4')] })
    expect(result.errors).toBeUndefined()
    expect(result.data?.['_entities']).toEqual([expect.anything(), null])
  })

  it.each([
    ['an id that is none', [orderOf({}), orderOf('o-1')], 'BAD_USER_INPUT'],
    ['a type that has no keys', [{ __typename: 'Money' }, orderOf('o-1')], 'BAD_USER_INPUT'],
    ['no type', [{ id: 'o-1' }, orderOf('o-1')], 'BAD_USER_INPUT'],
  ])('%s', async (_, r, code) => {
    const ways = await openWays(GRAPHS, stocked)
    const { result } = await same(ways, query('... on Order { status }'), { r })
    expect(result.data?.['_entities']).toEqual([null, { status: 'CREATED' }])
    expect(result.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code } }])
  })

  it('fetches that are merged into one', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const fetch = (field: string) => `_entities(representations: $r) { ... on Order { ${field} } }`
    const { result } = await same(ways, `query ($r: [_Any!]!) { ${fetch('status')} ${fetch('total')} }`, {
      r: [orderOf('o-1')],
    })
    expect(result.data).toEqual({ _entities: [{ status: 'CREATED', total: '12.50' }] })
  })

  it('ids that no row can have', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const { result } = await same(ways, query('... on Order { status }'), {
      r: ['no token', '', 'a\0b', 'o-1'].map(orderOf),
    })
    expect(result).toMatchObject({ data: { _entities: [null, null, null, { status: 'CREATED' }] } })
  })

  it('values that the schema does not have', async () => {
    const ways = await openWays(GRAPHS, stocked)
    await ways.shop.pool.query(`update tb_order_projection set status = 'LOST' where id = 'o-1'`)
    const { result } = await same(ways, query('... on Order { status total }'), {
      r: [orderOf('o-1'), orderOf('o-2')],
    })
    expect(result.data?.['_entities']).toEqual([null, { status: 'CANCELLED', total: '10.00' }])
    expect(result.errors).toHaveLength(1)
  })
})

/** Orders under other names, with everything that a definition can have put in the way. */
const PARCEL =
  'type Parcel { id: ID!  status: String!  customerId: ID!  shippingCost: Decimal  total: Decimal }'
const parcelOf = (id: string) => ({ __typename: 'Parcel', id })

async function parcelWays(parcels: EntityType) {
  const ways = await openWays(
    [defineGraph({ typeDefs: PARCEL, entities: [parcels], resolvers: {} })],
    stocked,
  )
  return (selection: string, caller: unknown) =>
    same(
      ways,
      query(`... on Parcel { ${selection} }`),
      { r: [parcelOf('o-1'), parcelOf('o-2'), parcelOf('no')] },
      { caller },
    )
}

describe('hooks', () => {
  const parcels = defineEntity({
    type: 'Parcel',
    aggregate: order,
    projection: orderProjection,
    authorize: {
      needs: [],
      row: ({ status }, caller: string) => {
        if (caller === 'broken') throw new Error('cannot tell')
        return caller === 'staff' || status === 'CREATED'
      },
      fields: { shippingCost: (_, caller: string) => caller === 'staff' },
    },
  })

  it('hide rows, by all that the row has', async () => {
    const ask = await parcelWays(parcels)
    const { result, statements } = await ask('customerId', 'anybody')
    expect(result).toMatchObject({ data: { _entities: [{ customerId: 'c-1' }, null, null] } })
    expect(statements).toHaveLength(1)
    expect(statements.join()).not.toMatch(WHOLE_ROW)
  })

  it('let fields through, or refuse them', async () => {
    const ask = await parcelWays(parcels)
    const staff = await ask('shippingCost status', 'staff')
    expect(staff.result.data).toEqual({
      _entities: [
        { shippingCost: '2.50', status: 'CREATED' },
        { shippingCost: '0.00', status: 'CANCELLED' },
        null,
      ],
    })
    expect(staff.statements.join()).not.toMatch(WHOLE_ROW)
    const { result } = await ask('cost: shippingCost status', 'anybody')
    expect(result.data).toEqual({ _entities: [{ cost: null, status: 'CREATED' }, null, null] })
    expect(result.errors).toMatchObject([
      { path: ['_entities', 0, 'cost'], extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('may throw', async () => {
    const ask = await parcelWays(parcels)
    const { result } = await ask('status', 'broken')
    expect(result.data).toEqual({ _entities: [null, null, null] })
    expect(result.errors?.length).toBeGreaterThan(0)
  })
})

describe('entities that are found otherwise', () => {
  it('by who has put another resolveAll in its place', async () => {
    const parcels = defineEntity({ type: 'Parcel', aggregate: order, projection: orderProjection })
    const ask = await parcelWays({
      ...parcels,
      resolveAll: async (ids, context) =>
        (await parcels.resolveAll?.(ids, context))?.map((found) => found && { ...found, status: 'OTHER' }) ??
        [],
    })
    const { result } = await ask('status', undefined)
    expect(result.data).toEqual({ _entities: [{ status: 'OTHER' }, { status: 'OTHER' }, null] })
  })

  it('without a table, alone and beside one with a table', async () => {
    const mines = defineGraph({
      typeDefs: 'type Mine @key(fields: "id") { id: ID!  depth: Int! }',
      resolvers: {},
      entities: [
        { type: 'Mine', resolveReference: ({ id }) => ({ id, depth: id === 'deep' ? 1000 : null }) },
      ],
    })
    const ways = await openWays([...GRAPHS, mines], stocked)
    const r = [orderOf('o-1'), { __typename: 'Mine', id: 'deep' }, { __typename: 'Mine', id: 'odd' }]
    const { result } = await same(ways, query('... on Mine { depth } ... on Order { status }'), { r })
    expect(result.data).toEqual({ _entities: [{ status: 'CREATED' }, { depth: 1000 }, null] })
    expect(result.errors).toHaveLength(1)
  })
})

describe('tables that change', () => {
  it('one that does not have all columns yet is left to the subgraph, and not asked for them each time', async () => {
    const ways = await openWays(GRAPHS, stocked)
    await ways.shop.pool.query('alter table tb_customer_projection rename column email to mail')
    const asked = query('... on Customer { name email }')
    const { own, read } = ways
    await own.execute(requestOf(operation(asked), { r: [customerOf('c-2')] }))
    expect(read()).toHaveLength(2)
    const { result, statements } = await same(ways, asked, { r: [customerOf('c-2')] })
    expect(result).toMatchObject({ data: { _entities: [{ name: 'Zoë', email: null }] } })
    expect(statements).toEqual(['select * from "tb_customer_projection" where id = any($1)'])
  })

  it('one that has been exchanged for another, whatever its columns are now', async () => {
    const ways = await openWays(GRAPHS, stocked)
    const asked = query('... on Customer { name city state }')
    const r = [customerOf('c-1')]
    await same(ways, asked, { r })
    const { pool } = ways.shop
    await pool.query(`begin; alter table tb_customer_projection rename to tb_customer_old;
      create table tb_customer_projection as select id, name, 12 as city, created_at, state = 'PT' as state from tb_customer_old; commit`)
    const { result } = await same(ways, asked, { r })
    expect(result.data).toEqual({ _entities: [{ name: null, city: '12', state: 'true' }] })
  })
})

it('prepares a bounded number of statements, whatever clients combine', () => {
  const { schema } = composeSubgraph(GRAPHS)
  const orders = defineEntity({ type: 'Order', aggregate: order, projection: orderProjection })
  const columns = Object.values(mappingOf(orders, { schema, graphs: GRAPHS }).fields)
  const statementOf = columnStatements('tb_order_projection', 3)
  const textOf = (...chosen: typeof columns) =>
    statementOf({ schema: undefined, table: 'tb_order_projection', columns: chosen, key: ['id'] }).text
  const [first, second, ...others] = columns
  if (!first || !second) throw new Error('no columns')
  expect(textOf(first, second)).toBe(textOf(second, first))
  const texts = others.map((column) => textOf(column))
  expect(new Set(texts).size).toBe(3)
  expect(texts.at(-1)).toBe('select * from "tb_order_projection" where id = any($1)')
  expect(textOf(first, second)).not.toMatch(WHOLE_ROW)
})
