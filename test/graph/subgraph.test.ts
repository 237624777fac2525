import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql/index.js'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { productGraph } from '../../src/domains/inventory/graph.ts'
import { customerSummaryGraph } from '../../src/domains/orders/customer-summary-graph.ts'
import { customerSummaryProjection } from '../../src/domains/orders/customer-summary-projection.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { paymentGraph } from '../../src/domains/payments/graph.ts'
import { shipmentGraph } from '../../src/domains/shipping/graph.ts'
import { composeSchema, composeSubgraph } from '../../src/graph/compose.ts'
import { type GraphDefinition, defineGraph } from '../../src/graph/schema/define-graph.ts'
import { anonymous } from '../../src/graph/context/identify.ts'
import { createGraphServer } from '../../src/graph/server.ts'
import { tableOf } from '../../src/projections/definition/identifiers.ts'
import { anyTables, createTables } from '../../src/projections/tables/prepare-table.ts'
import { recordedEvents } from '../../src/streams/events/recorded-event.ts'
import { eventSubjects } from '../../src/streams/events/subjects.ts'
import { directivesIn } from './apollo/sdl.ts'
import { asker, extensionsOf } from './ask.ts'
import { type Servers, startServers } from './servers.ts'
import { type Shop, aCustomer, aProduct, anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const contexts = {
  orders: [orderGraph, customerSummaryGraph],
  customers: [customerGraph],
  inventory: [productGraph],
  payments: [paymentGraph],
  shipping: [shipmentGraph],
}

/** A context as a process of its own serves it, over the data of the shop. */
async function serve({ resources }: Shop, graphs: GraphDefinition[]) {
  const settings = { graphiql: false, introspection: true, bodyLimit: 1_000_000, jit: 1, queryDepth: 12 }
  const logger = pino({ level: 'silent' })
  const server = createGraphServer({
    graphs,
    resources,
    isSubgraph: true,
    identify: anonymous,
    settings,
    logger,
  })
  onTestFinished(async () => await server.close())
  const url = `${await server.app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
  const ask = asker(url)

  /** Asked three times, since the compiled operation has to answer what the executed one does. */
  async function entities(
    selection: string,
    representations: unknown[],
    headers: Record<string, string> = {},
  ) {
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`
    const send = async () => await ask(query, { variables: { r: representations }, headers })
    const answer = await send()
    for (let run = 0; run < 2; run++) {
      const again = await send()
      expect(again.data).toEqual(answer.data)
      expect(again.errors?.map(({ path }) => path)).toEqual(answer.errors?.map(({ path }) => path))
    }
    return { ...answer, found: answer.at('_entities') }
  }

  return { url, ask, entities }
}

const named = (type: string, key: string) => (value: unknown) => ({ __typename: type, [key]: value })
const orderOf = named('Order', 'id')
const customerOf = named('Customer', 'id')
const productOf = named('Product', 'sku')

describe('the SDL of our contexts', () => {
  const sdlOf = (names: (keyof typeof contexts)[]) =>
    names.map((name) => ({ name, typeDefs: parse(composeSubgraph(contexts[name]).sdl) }))

  it.for([
    [['orders', 'customers', 'inventory', 'payments', 'shipping']],
    [['orders', 'customers', 'inventory']],
    [['orders', 'customers']],
    [['orders', 'inventory']],
    [['customers', 'inventory']],
    [['orders']],
    [['customers']],
    [['inventory']],
    [['payments', 'shipping']],
    [['payments']],
    [['shipping']],
  ] as const)('composes: %s', ([names]) => {
    expect(composeServices(sdlOf([...names])).errors).toBeUndefined()
  })

  it('is what gateways get', async () => {
    const { ask } = await serve(await openShop(servers), contexts.orders)
    expect((await ask('{ _service { sdl } }')).at('_service.sdl')).toBe(composeSubgraph(contexts.orders).sdl)
  })

  it('imports what it uses, in the oldest version that has it', () => {
    const link = (typeDefs: string) =>
      directivesIn(composeSubgraph([defineGraph({ typeDefs, resolvers: {} })]).sdl)('schema').join()
    expect(link('extend type Query { a: Int }')).toBe(
      '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])',
    )
    expect(link('extend type Query { a: Int @cost(weight: 3) }')).toContain('federation/v2.9')
    const moved = 'extend type Query { a: Int @override(from: "b")  c: Int @tag(name: "d") }'
    expect(link(moved)).toContain('federation/v2.7')
  })

  it('says of whom this context owns nothing, that it cannot be asked for', () => {
    const directives = directivesIn(composeSubgraph(contexts.orders).sdl)
    expect(directives('Product')).toEqual(['@key(fields: "sku", resolvable: false)'])
    expect(directives('Customer')).toEqual(['@key(fields: "id")'])
    expect(directives('Order')).toEqual(['@key(fields: "id")'])
  })

  it('is nothing that clients are shown', () => {
    const fields = composeSchema(Object.values(contexts).flat()).getQueryType()?.getFields()
    expect(fields).not.toHaveProperty('_service')
    expect(fields).not.toHaveProperty('_entities')
  })

  it('is refused when something has a key that nothing finds it by, or the other way round', () => {
    const compose = (graph: GraphDefinition) => () => composeSubgraph([defineGraph(graph)])
    const thing = 'extend type Query { thing: Thing }  type Thing'
    const fields = '{ id: ID!  at: String }'
    const entities = [{ type: 'Thing', resolveReference: () => null }]
    expect(compose({ typeDefs: `${thing} @key(fields: "id") ${fields}`, resolvers: {} })).toThrow('Thing')
    expect(compose({ typeDefs: `${thing} ${fields}`, resolvers: {}, entities })).toThrow('Thing')
    expect(
      compose({ typeDefs: `${thing} @key(fields: "id", resolvable: false) ${fields}`, resolvers: {} }),
    ).not.toThrow()
  })
})

describe('_entities', () => {
  it('finds entities of several types by their keys, in the order that was asked for', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    await shop.command('product', 'sku-1', 'add', aProduct())
    const { entities } = await serve(shop, [orderGraph, productGraph])
    const { found, errors } = await entities(
      '__typename ... on Order { id total statusHistory { status } } ... on Product { sku name }',
      [productOf('sku-1'), orderOf('o-1'), productOf('sku-1')],
    )
    const sencha = { __typename: 'Product', sku: 'sku-1', name: 'Sencha' }
    const order = { __typename: 'Order', id: 'o-1', total: '12.50', statusHistory: [{ status: 'CREATED' }] }
    expect({ found, errors }).toEqual({ found: [sencha, order, sencha], errors: undefined })
  })

  it('reads all of a type with one statement', async () => {
    const shop = await openShop(servers)
    const ids = Array.from({ length: 20 }, (_, index) => `o-${index}`)
    for (const id of ids) await shop.command('order', id, 'create', anOrder())
    await shop.command('product', 'sku-1', 'add', aProduct())
    const { ask } = await serve(shop, [orderGraph, productGraph])
    const r = [...ids, ...ids].flatMap((id) => [orderOf(id), productOf('sku-1')])
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id } ... on Product { sku } } }`
    const statements = await shop.statementsOf(async () => {
      expect((await ask(query, { variables: { r } })).at('_entities.39')).toEqual({ sku: 'sku-1' })
    })
    expect(statements.filter((text) => text.includes('tb_order_projection'))).toHaveLength(1)
    expect(statements.filter((text) => text.includes('tb_product_projection'))).toHaveLength(1)
  })

  it('answers null for an id that there is nothing of, or can be nothing of', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { entities } = await serve(shop, contexts.orders)
    const ids = [
      'o-2',
      '',
      'o.1',
      '*',
      '>',
      ' o-1',
      "o-1' or '1'='1",
      'x'.repeat(10_000),
      'a\0b',
      '\ud800',
      7,
    ]
    const { found, errors } = await entities('... on Order { id }', ['o-1', ...ids].map(orderOf))
    expect(errors).toBeUndefined()
    expect(found).toEqual([{ id: 'o-1' }, ...ids.map(() => null)])
  })

  it('says in its place what is no representation of an entity here; the others stand', async () => {
    const shop = await openShop(servers)
    await shop.command('order', '7', 'create', anOrder())
    const { entities } = await serve(shop, contexts.orders)
    const wrong = [
      { __typename: 'Nothing', id: '7' },
      { __typename: 'Query' },
      { __typename: 'PageInfo' },
      { __typename: '__proto__' },
      { __typename: { name: 'Order' }, id: '7' },
      { id: '7' },
      { __typename: 'Order' },
      ...[null, true, 1.5, ['7'], { id: '7' }].map(orderOf),
      'Order',
      7,
      [],
    ]
    const { status, found, errors } = await entities('... on Order { id }', [
      orderOf('7'),
      ...wrong,
      orderOf(7),
    ])
    expect(status).toBe(200)
    expect(found).toEqual([{ id: '7' }, ...wrong.map(() => null), { id: '7' }])
    expect(errors).toHaveLength(wrong.length)
    expect(errors?.map(({ path }) => path)).toEqual(wrong.map((_, index) => ['_entities', index + 1]))
    for (const { extensions } of errors ?? [])
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', status: 400 })
  })

  it('refuses what is no list of representations, and more than it answers, before anything is read', async () => {
    const shop = await openShop(servers)
    const { entities } = await serve(shop, contexts.orders)
    const statements = await shop.statementsOf(async () => {
      expect(await entities('... on Order { id }', [null])).toMatchObject({
        status: 400,
        code: 'BAD_USER_INPUT',
      })
      expect(await entities('... on Order { id }', Array(10_000).fill(orderOf('o-1')))).toMatchObject({
        status: 400,
        code: 'TOO_MANY_REPRESENTATIONS',
      })
    })
    expect(statements).toEqual([])
  })

  it('takes representations that are written into the document', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { ask } = await serve(shop, contexts.orders)
    const query =
      '{ _entities(representations: [{ __typename: "Order", id: "o-1" }]) { ... on Order { id } } }'
    expect((await ask(query)).data).toEqual({ _entities: [{ id: 'o-1' }] })
  })

  it('does not tell why the database failed', async () => {
    const shop = await openShop(servers)
    const { entities } = await serve(shop, contexts.orders)
    await shop.pool.query('alter table tb_order_projection rename to tb_gone')
    const { found, errors } = await entities('... on Order { id } ... on Customer { id }', [
      orderOf('o-1'),
      customerOf('c-1'),
    ])
    expect(found).toEqual([null, { id: 'c-1' }])
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.not.stringContaining('tb_'),
        path: ['_entities', 0],
        extensions: expect.objectContaining({ code: 'INTERNAL', status: 500 }),
      }),
    ])
  })
})

describe('fields that are contributed to entities of another context', () => {
  async function openSummaries() {
    const shop = await openShop(servers)
    const { db, schema } = shop.database
    const table = tableOf(customerSummaryProjection.name)
    await db.transaction().execute(async (tx) => {
      await createTables(tx, customerSummaryProjection, schema, table)
    })
    async function project(): Promise<void> {
      await db.transaction().execute(async (tx) => {
        for (const { log, source } of shop.homes.values()) {
          for await (const commit of log.read.since(eventSubjects(schema, source.name), 0)) {
            for (const event of recordedEvents(source.types, commit))
              await customerSummaryProjection.apply(event, anyTables(tx), table)
          }
        }
      })
    }
    return { shop, project }
  }

  it('need nothing but the key: orders know a customer by id alone', async () => {
    const { shop, project } = await openSummaries()
    await shop.command('order', 'o-1', 'create', anOrder({ customerId: 'c-1' }))
    await shop.command('order', 'o-2', 'create', anOrder({ customerId: 'c-2' }))
    await project()
    const { entities } = await serve(shop, contexts.orders)
    const selection = '... on Customer { id orders { nodes { id } } summary { ordersPlaced } }'
    const { found, errors } = await entities(
      selection,
      ['c-1', 'c-2', 'nobody', 'a.b', 'a\0b'].map(customerOf),
    )
    const customer = (id: string, orders: string[]) => ({
      id,
      orders: { nodes: orders.map((order) => ({ id: order })) },
      summary: { ordersPlaced: orders.length },
    })
    expect(errors).toBeUndefined()
    expect(found).toEqual([
      customer('c-1', ['o-1']),
      customer('c-2', ['o-2']),
      customer('nobody', []),
      customer('a.b', []),
      null,
    ])
  })

  it('are read with one statement for all customers', async () => {
    const { shop } = await openSummaries()
    const { ask } = await serve(shop, contexts.orders)
    const r = Array.from({ length: 20 }, (_, index) => customerOf(`c-${index}`))
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer {
      orders(first: 5) { nodes { id } } summary { ordersPlaced } } } }`
    const statements = await shop.statementsOf(async () => {
      expect((await ask(query, { variables: { r } })).errors).toBeUndefined()
    })
    expect(statements.filter((text) => text.includes('tb_order_projection'))).toHaveLength(1)
    expect(statements.filter((text) => text.includes('tb_customer_summary_projection'))).toHaveLength(1)
  })

  it('refer to others by their keys, which are not looked up here', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder({ customerId: 'c-9' }))
    const { ask } = await serve(shop, contexts.orders)
    const query = '{ order(id: "o-1") { customer { __typename id } items { product { __typename sku } } } }'
    const answer = await ask(query)
    expect(answer.errors).toBeUndefined()
    expect(answer.at('order')).toEqual({
      customer: { __typename: 'Customer', id: 'c-9' },
      items: [{ product: { __typename: 'Product', sku: 'sku-1' } }],
    })
  })
})

describe('CommandResult', () => {
  const selection = '... on CommandResult { order { id version } }'
  const resultOf = (aggregate: unknown, id: unknown) => ({ __typename: 'CommandResult', aggregate, id })

  it('has the object of a command that another subgraph has sent', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { entities } = await serve(shop, contexts.orders)
    const { found, errors } = await entities(selection, [resultOf('order', 'o-1')])
    expect(errors).toBeUndefined()
    expect(found).toEqual([{ order: { id: 'o-1', version: 1 } }])
  })

  it('has none when the command was for something else, or there is no such object', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const { entities } = await serve(shop, contexts.orders)
    const others = [resultOf('customer', 'o-1'), ...['o-2', 'o.1', 'a\0b'].map((id) => resultOf('order', id))]
    const { found, errors } = await entities(selection, others)
    expect(errors).toBeUndefined()
    expect(found).toEqual(others.map(() => ({ order: null })))
  })

  it('is nothing without both parts of its key', async () => {
    const { entities } = await serve(await openShop(servers), contexts.orders)
    const { found, errors } = await entities(selection, [resultOf('order', null), resultOf({}, 'o-1')])
    expect(found).toEqual([null, null])
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT'])
  })
})

describe('Headwater-At-Least', () => {
  it('holds for entities too: they wait for the position, and say when it does not come', async () => {
    const hasty = await openShop(servers, { projecting: false, settings: { atLeastTimeoutMs: 50 } })
    const { stream, sequence } = (await hasty.command('customer', 'c-1', 'register', aCustomer())).position
    const behind = await serve(hasty, contexts.customers)
    const late = await behind.entities('... on Customer { city }', [customerOf('c-1'), customerOf('c-2')], {
      'headwater-at-least': `${stream}=${sequence}`,
    })
    expect(late.found).toEqual([null, null])
    expect(late.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['_entities', 0], 'PROJECTION_BEHIND'],
      [['_entities', 1], 'PROJECTION_BEHIND'],
    ])

    const shop = await openShop(servers, { projecting: false })
    const { position } = await shop.command('customer', 'c-1', 'register', aCustomer())
    const headers = { 'headwater-at-least': `${position.stream}=${position.sequence}` }
    const { entities, url } = await serve(shop, contexts.customers)
    const waiting = entities('... on Customer { city }', [customerOf('c-1')], headers)
    await shop.project('customer', 'c-1')
    expect((await waiting).found).toEqual([{ city: 'Porto' }])
    const query =
      '{ _entities(representations: [{ __typename: "Customer", id: "c-1" }]) { ... on Customer { id } } }'
    expect(await extensionsOf(url, query, headers)).toMatchObject({
      headwater: { projections: { customer: { positions: { [position.stream]: position.sequence } } } },
    })
  })
})
