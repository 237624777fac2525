import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { composeSubgraph } from '../../src/graph/compose.ts'
import { defineEntity } from '../../src/graph/reads/entity.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { createChain } from '../../src/graph/strategies/chain.ts'
import { fdwSetup } from '../../src/graph/strategies/fdw-setup.ts'
import { fdwStep } from '../../src/graph/strategies/fdw.ts'
import { mappingOf } from '../../src/graph/strategies/mapping-of.ts'
import type { Step } from '../../src/graph/strategies/step.ts'
import { anOrder, openShop } from '../graph/shop.ts'
import { type GemStack, SCHEMA, onPostgres, startGemStack } from './gem-stack.ts'
import {
  gemColumns,
  gemEntityGraph,
  gemGraph,
  gemMapping,
  gemSelection,
  gemValues,
  gemView,
  gems,
  mariadbTable,
} from './gems.ts'
import { type MariaDb, mariadbMissing, mariadbRequired, startMariadb } from './mariadb.ts'
import { bothWays } from './own-ways.ts'
import { openPatiently, patient } from './patient.ts'
import { entityAsker } from './requests.ts'
import { inProcess, serveSubgraph } from './subgraphs.ts'

let stack: GemStack
let mariadb: MariaDb | undefined

beforeAll(async () => void (stack = await startGemStack()))

afterAll(async () => {
  await mariadb?.remove()
  await stack.stop()
})

/** A chain of this step alone: what it cannot serve fails. */
function only(step: Step, mapping = gemMapping): Subgraph {
  const chain = createChain({
    name: 'gems',
    transports: [],
    entities: { [mapping.type]: { mapping, steps: [step] } },
    settings: patient,
  })
  onTestFinished(() => chain.close())
  return chain
}

const gem = (id: unknown) => ({ __typename: 'Gem', id })
/** In another order than the rows, one twice, and some that are not there. */
const representations = [...gems.map(({ id }) => gem(id)).toReversed(), gem('zero'), gem('nobody'), gem('')]

/** What the step gives has to be, to the letter, what the subgraph gives over HTTP. */
async function expectSame(step: Step, mapping = gemMapping, selection = gemSelection) {
  const expected = await entityAsker(stack.http, selection)(representations)
  const { result, entities, tried } = await entityAsker(only(step, mapping), selection)(representations)
  expect(tried).toEqual([`${step.strategy} served`])
  expect(entities).toEqual(expected.entities)
  expect(result.errors).toEqual(expected.result.errors)
}

it('compares with an answer that has everything in it', async () => {
  const { result, entities } = await entityAsker(stack.http, gemSelection)(representations)
  expect(result.errors).toBeUndefined()
  expect(entities).toMatchObject([
    { id: '🜁 É', made: '2000-02-29T12:00:00.123Z' },
    { id: 'past', made: '1969-12-31T23:59:59.999Z', exact: '0.1', ratio: 0.30000000000000004, active: null },
    {
      id: 'most',
      big: 9_007_199_254_740_991,
      huge: '100000000000000000000.00000000000000000001',
      day: '9999-12-31',
    },
    { id: 'least', price: '-0.01', exact: '-12.5000', active: true, parts: [{ inner: { sku: 'deep' } }] },
    { id: 'zero', name: '', price: '0.00', active: false, data: 0, parts: [] },
    { id: 'nothing', name: null, price: null, active: null, data: null, parts: null },
    { id: 'zero' },
    null,
    null,
  ])
})

describe('every strategy and driver answers as the subgraph does', () => {
  it('local', async () => {
    await expectSame({ strategy: 'local', subgraph: inProcess(stack.resources, [gemGraph(SCHEMA)]) })
  })

  it('local, by the columns of its own table', async () => {
    await onPostgres(stack.postgresUrl, async (client) => void (await client.query(gemView(SCHEMA))))
    const { own, executed, read } = bothWays([gemEntityGraph], stack.resources)
    // A projection's columns have no days, and a type within itself is left to the subgraph.
    const selection = gemSelection.replace(' day', '').replace('inner { __typename sku }', '')
    await expectSame({ strategy: 'local', subgraph: executed }, gemMapping, selection)
    await expectSame({ strategy: 'local', subgraph: own }, gemMapping, selection)
    expect(read()).toEqual([expect.stringMatching(/^select "active", .* from "tb_gem_projection"/)])
  })

  it('direct-db on PostgreSQL', async () => {
    const driver = await openPatiently({ subgraph: 'gems', url: stack.postgresUrl })
    await expectSame({ strategy: 'direct-db', driver }, { ...gemMapping, schema: SCHEMA })
  })

  it('direct-db on PostgreSQL, tables in the schema of the connection, a server in another time zone', async () => {
    const url = new URL(stack.postgresUrl)
    url.searchParams.set(
      'options',
      '-c timezone=America/New_York -c datestyle=German -c extra_float_digits=0',
    )
    const driver = await openPatiently({ subgraph: 'gems', url: url.href, schema: SCHEMA })
    await expectSame({ strategy: 'direct-db', driver })
  })

  it('direct-db on SQLite', async () => {
    const driver = await openPatiently({ subgraph: 'gems', url: stack.sqliteUrl })
    await expectSame({ strategy: 'direct-db', driver })
  })

  it('fdw, from one database to another', async () => {
    const own = new URL(stack.postgresUrl)
    own.pathname = '/own'
    await onPostgres(stack.postgresUrl, async (client) => void (await client.query('create database own')))
    await onPostgres(own.href, async (client) => {
      const setup = {
        subgraph: 'gems',
        databaseUrl: stack.postgresUrl,
        mappings: [gemMapping],
        remoteSchema: SCHEMA,
        showPassword: true,
      }
      await client.query(fdwSetup(setup))
      // Whoever changes the mapping runs it again.
      await client.query(fdwSetup(setup))
    })
    const driver = await openPatiently({ subgraph: 'gems', url: own.href })
    await expectSame(fdwStep('gems', driver))
  })

  it.skipIf(mariadbMissing !== undefined && !mariadbRequired)(
    `direct-db on MariaDB${mariadbMissing === undefined ? '' : ` (skipped: ${mariadbMissing})`}`,
    async () => {
      mariadb = await startMariadb()
      await mariadb.run(mariadbTable)
      for (const gem of gems) {
        const values = gemValues({ ...gem, made: gem.made?.replace('T', ' ').replace('Z', '') ?? null })
        await mariadb.run(`insert into tb_gem (${gemColumns.join(', ')}) values (?)`, [values])
      }
      const driver = await openPatiently({ subgraph: 'gems', url: mariadb.url })
      await expectSame({ strategy: 'direct-db', driver })
    },
  )
})

it('an entity of Headwater is mapped by its columns and its schema, and answers as its subgraph does', async () => {
  const shop = await openShop(stack.servers)
  await shop.command('order', 'o-1', 'create', anOrder())
  await shop.command('order', 'o-2', 'create', anOrder({ shippingCost: '0.00' }))
  await shop.command('order', 'o-2', 'cancel', { reason: 'changed my mind' })
  const served = await serveSubgraph(shop.resources, [orderGraph, customerGraph])
  onTestFinished(served.close)
  onTestFinished(() => served.http.close())

  const orders = defineEntity({ type: 'Order', aggregate: order, projection: orderProjection })
  const graphs = [orderGraph, customerGraph]
  const { schema } = composeSubgraph(graphs)
  const mapping = mappingOf(orders, { schema, graphs, tableSchema: shop.database.schema })
  expect(Object.keys(mapping.fields).toSorted()).toEqual([
    'createdAt',
    'currency',
    'customerId',
    'id',
    'items',
    'shippingCost',
    'status',
    'total',
    'updatedAt',
    'version',
  ])

  const driver = await openPatiently({ subgraph: 'orders', url: stack.postgresUrl })
  const selection = `... on Order {
    id status customerId currency total shippingCost items { sku quantity unitPrice } createdAt updatedAt version
  }`
  const asked = ['o-2', 'o-1', 'o-3', 'no token'].map((id) => ({ __typename: 'Order', id }))
  const direct = await entityAsker(only({ strategy: 'direct-db', driver }, mapping), selection)(asked)
  const expected = await entityAsker(served.http, selection)(asked)
  expect(direct.tried).toEqual(['direct-db served'])
  expect(direct.entities).toEqual(expected.entities)
  expect(direct.entities).toMatchObject([{ status: 'CANCELLED' }, { items: [{ sku: 'sku-1' }] }, null, null])
})
