import { expect, it } from 'vitest'
import { type Answer, type AskOptions, asker, extensionsOf, thoroughAsker } from '../graph/ask.ts'
import { until } from '../support/until.ts'

/** A graph over orders, customers and inventory, whatever plans and executes it. */
export interface Subject {
  url: () => string
  /** Of the ids that this subject uses: several may share the data. */
  prefix: string
  /** The cases that it cannot pass, each with the reason: they have to fail. */
  cannot: Readonly<Record<string, string>>
}

interface Case {
  ask: (query: string, options?: AskOptions) => Promise<Answer>
  url: string
  /** An id of this subject's. */
  id: (name: string) => string
}

const cases = new Map<string, (subject: Case) => Promise<void>>()

/** Runs every case on the subject. */
export function graphContract({ url, prefix, cannot }: Subject): void {
  const id = (name: string) => `${prefix}-${name}`
  it('takes commands for every context', () => seed(url(), id))
  for (const [name, run] of cases) {
    const reason = cannot[name]
    const check = () => run({ ask: thoroughAsker(url()), url: url(), id })
    if (reason === undefined) it(name, check)
    else it(`cannot: ${name}, since ${reason}`, () => expect(check()).rejects.toThrow())
  }
  it('names no case that there is not', () => {
    expect(Object.keys(cannot).filter((name) => !cases.has(name))).toEqual([])
  })
}

async function seed(url: string, id: Case['id']): Promise<void> {
  const once = asker(url)
  const ask = async (query: string) => {
    const answer = await once(query)
    expect(answer.errors).toBeUndefined()
  }
  const address = 'city: "Recife", state: "PE", postalCode: "50000"'
  await ask(
    `mutation { registerCustomer(id: "${id('ana')}", input: { name: "Ana", ${address} }) { version } }`,
  )
  await ask(
    `mutation { registerCustomer(id: "${id('ben')}", input: { name: "Ben", ${address} }) { version } }`,
  )
  for (const [sku, name, price] of [
    ['tea', 'Tea', '4.50'],
    ['mug', 'Mug', '10.00'],
  ]) {
    await ask(
      `mutation { addProduct(sku: "${id(sku ?? '')}", input: { name: "${name}", price: "${price}", currency: "EUR", stock: 5 }) { version } }`,
    )
  }
  const order = (name: string, customer: string, items: string) =>
    ask(
      `mutation { createOrder(id: "${id(name)}", input: { customerId: "${id(customer)}", currency: "EUR", items: [${items}] }) { version } }`,
    )
  const item = (sku: string, quantity: number, price: string) =>
    `{ sku: "${id(sku)}", quantity: ${quantity}, unitPrice: "${price}" }`
  await order('o1', 'ana', `${item('tea', 2, '4.50')}, ${item('mug', 1, '10.00')}`)
  await order('o2', 'ana', item('tea', 1, '4.50'))
  await order('o3', 'ben', item('mug', 3, '10.00'))
  await order('lost', 'nobody', `${item('gone', 1, '1.00')}, ${item('tea', 1, '4.50')}`)
  await ask(`mutation { confirmOrder(id: "${id('o1')}") { version } }`)
  await until('what the other projections know', async () => {
    const answer = await once(
      `{ customer(id: "${id('ana')}") { orders { totalCount nodes { status } } summary { ordersPlaced } } ben: customer(id: "${id('ben')}") { name } order(id: "${id('o1')}") { version }
         product(sku: "${id('mug')}") { name } orders(filter: { customerId: "${id('nobody')}" }) { totalCount } }`,
    )
    return (
      answer.at('customer.orders.totalCount') === 2 &&
      answer.at('customer.summary.ordersPlaced') === 2 &&
      answer.at('ben.name') === 'Ben' &&
      answer.at('order.version') === 2 &&
      answer.at('product.name') === 'Mug' &&
      answer.at('orders.totalCount') === 1
    )
  })
}

cases.set('an order with what the other contexts know of it', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('o1')}") { id status total customer { id name city } items { sku quantity product { name price } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      id: id('o1'),
      status: 'CONFIRMED',
      total: '19.00',
      customer: { id: id('ana'), name: 'Ana', city: 'Recife' },
      items: [
        { sku: id('tea'), quantity: 2, product: { name: 'Tea', price: '4.50' } },
        { sku: id('mug'), quantity: 1, product: { name: 'Mug', price: '10.00' } },
      ],
    },
  })
})

cases.set('what one context adds to an entity of another', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ customer(id: "${id('ana')}") { name orders(first: 5) { totalCount nodes { id customer { name } } } summary { ordersPlaced lifetimeValue { currency amount } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    customer: {
      name: 'Ana',
      orders: {
        totalCount: 2,
        nodes: [
          { id: id('o2'), customer: { name: 'Ana' } },
          { id: id('o1'), customer: { name: 'Ana' } },
        ],
      },
      summary: { ordersPlaced: 2, lifetimeValue: [{ currency: 'EUR', amount: '23.50' }] },
    },
  })
})

cases.set('a list by pages, with a variable for the cursor', async ({ ask, id }) => {
  const query = `query Page($customer: ID!, $after: String) {
    orders(filter: { customerId: $customer }, first: 1, after: $after) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`
  const variables = { customer: id('ana') }
  const first = await ask(query, { variables })
  expect(first.at('orders.edges.0.node.id')).toBe(id('o2'))
  expect(first.at('orders.pageInfo.hasNextPage')).toBe(true)
  const second = await ask(query, {
    variables: { ...variables, after: first.at('orders.pageInfo.endCursor') },
  })
  expect(second.errors).toBeUndefined()
  expect(second.at('orders.edges.0.node.id')).toBe(id('o1'))
  expect(second.at('orders.pageInfo.hasNextPage')).toBe(false)
})

cases.set('each of a list with its own of another context', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `query Some($ids: [ID!]) { products(filter: { skuIn: $ids }, orderBy: { field: NAME, direction: ASC }) { nodes { name } }
      ana: orders(filter: { customerId: "${id('ana')}" }) { nodes { id customer { name } } }
      ben: orders(filter: { customerId: "${id('ben')}" }) { nodes { id customer { name } } } }`,
    { variables: { ids: [id('tea'), id('mug')] } },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    products: { nodes: [{ name: 'Mug' }, { name: 'Tea' }] },
    ana: {
      nodes: [
        { id: id('o2'), customer: { name: 'Ana' } },
        { id: id('o1'), customer: { name: 'Ana' } },
      ],
    },
    ben: { nodes: [{ id: id('o3'), customer: { name: 'Ben' } }] },
  })
})

cases.set('what nobody knows is null', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('x')}") { id } customer(id: "${id('x')}") { name } product(sku: "${id('x')}") { name } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ order: null, customer: null, product: null })
})

cases.set('a reference to what is not there is null, among others that are', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('lost')}") { customerId customer { name } items { product { name } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      customerId: id('nobody'),
      customer: null,
      items: [{ product: null }, { product: { name: 'Tea' } }],
    },
  })
})

cases.set('the answer of a command, with the entity after it', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `mutation { createOrder(id: "${id('made')}", input: { customerId: "${id('ben')}", currency: "EUR", items: [{ sku: "${id('tea')}", quantity: 1, unitPrice: "4.50" }] }) {
      aggregate id version duplicate position { stream } events { type version } order { status customer { name } items { product { name } } } customer { name } product { name } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    createOrder: {
      aggregate: 'order',
      id: id('made'),
      version: 1,
      duplicate: false,
      position: { stream: expect.stringMatching(/ORDERS$/) },
      events: [{ type: 'order.created', version: 1 }],
      order: { status: 'CREATED', customer: { name: 'Ben' }, items: [{ product: { name: 'Tea' } }] },
      customer: null,
      product: null,
    },
  })
})

cases.set('commands of several contexts in one document, in order', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `mutation { a: receiveStock(sku: "${id('mug')}", input: { quantity: 1 }) { version } moved: changeCustomerAddress(id: "${id('ben')}", input: { city: "Olinda", state: "PE", postalCode: "1" }) { version customer { city } }
      b: receiveStock(sku: "${id('mug')}", input: { quantity: 1 }) { version product { stock } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    a: { version: 2 },
    moved: { version: 2, customer: { city: 'Olinda' } },
    b: { version: 3, product: { stock: 7 } },
  })
})

cases.set('a command that is repeated gets its first answer', async ({ ask, id }) => {
  const command = `mutation { receiveStock(sku: "${id('tea')}", input: { quantity: 1 }, commandId: "${id('again')}") { version duplicate } }`
  const first = await ask(command)
  const second = await ask(command)
  expect(first.at('receiveStock.duplicate')).toBe(false)
  expect(second.data).toEqual({
    receiveStock: { version: first.at('receiveStock.version'), duplicate: true },
  })
})

cases.set('a command that the domain refuses, with its code', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `mutation { gone: reserveStock(sku: "${id('tea')}", input: { reservationId: "r-1", quantity: 1000 }) { version } }`,
  )
  expect(data ?? null).toBeNull()
  expect(errors).toHaveLength(1)
  expect(errors?.[0]).toMatchObject({
    path: ['gone'],
    extensions: { code: 'OUT_OF_STOCK', status: 422 },
  })
})

cases.set('a version that was missed, with the one that is', async ({ ask, id }) => {
  const { errors } = await ask(`mutation { confirmOrder(id: "${id('o2')}", expectedVersion: 7) { version } }`)
  expect(errors?.[0]?.extensions).toMatchObject({ status: 409, actualVersion: 1 })
})

cases.set('input that the command refuses, with the place of it', async ({ ask, id }) => {
  const { errors } = await ask(
    `mutation { createOrder(id: "${id('bad')}", input: { customerId: "c", currency: "EUR", items: [] }) { version } }`,
  )
  expect(errors?.[0]?.extensions).toMatchObject({ status: 400, errors: [{ path: 'items' }] })
})

cases.set('history beside the state', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('o1')}") { status statusHistory { status version } allEvents(first: 1) { nodes { type version } pageInfo { hasNextPage } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      status: 'CONFIRMED',
      statusHistory: [
        { status: 'CREATED', version: 1 },
        { status: 'CONFIRMED', version: 2 },
      ],
      allEvents: { nodes: [{ type: 'order.created', version: 1 }], pageInfo: { hasNextPage: true } },
    },
  })
})

cases.set('the state at a version', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `query At($version: Int) { before: order(id: "${id('o1')}", asOfVersion: $version) { status version customer { name } } never: order(id: "${id('o1')}", asOf: "2001-01-01T00:00:00Z") { id } }`,
    { variables: { version: 1 } },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    before: { status: 'CREATED', version: 1, customer: { name: 'Ana' } },
    never: null,
  })
})

cases.set('events of every context, and the projections', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ a: eventsOf(aggregate: "customer", id: "${id('ana')}") { nodes { type } } b: eventsOf(aggregate: "product", id: "${id('tea')}", first: 1) { nodes { type data } } projections { name version } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    a: { nodes: [{ type: 'customer.registered' }] },
    b: { nodes: [{ type: 'product.added', data: { name: 'Tea' } }] },
    projections: expect.arrayContaining([expect.objectContaining({ name: 'order' })]),
  })
})

cases.set('a command’s correlation id is the client’s', async ({ ask, id }) => {
  const sku = id('correlated')
  await ask(
    `mutation { addProduct(sku: "${sku}", input: { name: "C", price: "1.00", currency: "EUR" }) { version } }`,
    { headers: { 'correlation-id': 'from-the-client' } },
  )
  const { data } = await ask(`{ eventsOf(aggregate: "product", id: "${sku}") { nodes { correlationId } } }`)
  expect(data).toEqual({ eventsOf: { nodes: [{ correlationId: 'from-the-client' }] } })
})

cases.set('the answer says how far the projections were', async ({ url, id }) => {
  const extensions = await extensionsOf(url, `{ order(id: "${id('o1')}") { id } }`)
  expect(extensions).toMatchObject({ headwater: { projections: { order: expect.anything() } } })
})

cases.set('scalars and enums under other names', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('o1')}") { key: id state: status again: status sum: total history: statusHistory { now: status } kind: __typename } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      key: id('o1'),
      state: 'CONFIRMED',
      again: 'CONFIRMED',
      sum: '19.00',
      history: [{ now: 'CREATED' }, { now: 'CONFIRMED' }],
      kind: 'Order',
    },
  })
})

cases.set('references under other names, twice', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('o1')}") { buyer: customer { name } place: customer { town: city } items { thing: product { called: name } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      buyer: { name: 'Ana' },
      place: { town: 'Recife' },
      items: [{ thing: { called: 'Tea' } }, { thing: { called: 'Mug' } }],
    },
  })
})

cases.set('what another context adds, under other names, with different arguments', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ customer(id: "${id('ana')}") { newest: orders(first: 1) { nodes { id } } all: orders(first: 9) { nodes { id } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    customer: {
      newest: { nodes: [{ id: id('o2') }] },
      all: { nodes: [{ id: id('o2') }, { id: id('o1') }] },
    },
  })
})

cases.set('named fragments over contexts, with variables in them', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `query Q($id: ID!, $first: Int!, $more: Boolean!) { order(id: $id) { ...Head customer { ...Who } } }
     fragment Head on Order { status allEvents(first: $first) { nodes { type } } }
     fragment Who on Customer { name orders(first: $first) { nodes { ...Line } } city @include(if: $more) }
     fragment Line on Order { id }`,
    { variables: { id: id('o1'), first: 1, more: false } },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      status: 'CONFIRMED',
      allEvents: { nodes: [{ type: 'order.created' }] },
      customer: { name: 'Ana', orders: { nodes: [{ id: id('o2') }] } },
    },
  })
})

cases.set('variables in lists and objects', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `query Q($one: ID!, $currency: String, $status: OrderStatus!, $customer: ID) { products(filter: { skuIn: [$one, "${id('nothing')}"], currency: $currency }) { nodes { name } }
      orders(filter: { statusIn: [$status], customerId: $customer }) { nodes { id } } }`,
    { variables: { one: id('tea'), currency: 'EUR', status: 'CONFIRMED', customer: id('ana') } },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    products: { nodes: [{ name: 'Tea' }] },
    orders: { nodes: [{ id: id('o1') }] },
  })
})

cases.set('a default of a variable', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `query Q($id: ID! = "${id('o1')}", $first: Int = 1) { order(id: $id) { allEvents(first: $first) { nodes { type } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ order: { allEvents: { nodes: [{ type: 'order.created' }] } } })
})

cases.set('@skip and @include, on fields and fragments', async ({ ask, id }) => {
  const query = `query Q($yes: Boolean!, $no: Boolean!) { order(id: "${id('o1')}") { id @include(if: $yes) status @skip(if: $yes) customer @include(if: $no) { name }
    ... @include(if: $yes) { total customer { city @include(if: $yes) name @skip(if: $yes) } } ... on Order @skip(if: $yes) { version } } product(sku: "x") @include(if: $no) { name } }`
  const { data, errors } = await ask(query, { variables: { yes: true, no: false } })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ order: { id: id('o1'), total: '19.00', customer: { city: 'Recife' } } })
})

cases.set('a field that is selected several times', async ({ ask, id }) => {
  const { data, errors } = await ask(
    `{ order(id: "${id('o1')}") { customer { name } items { quantity } } order(id: "${id('o1')}") { status customer { city } items { product { name } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    order: {
      customer: { name: 'Ana', city: 'Recife' },
      items: [
        { quantity: 2, product: { name: 'Tea' } },
        { quantity: 1, product: { name: 'Mug' } },
      ],
      status: 'CONFIRMED',
    },
  })
})

cases.set('one of several operations', async ({ ask, id }) => {
  const query = `query A { order(id: "${id('o1')}") { status } } query B { order(id: "${id('o1')}") { total } }`
  const a = await ask(query, { operationName: 'A' })
  const b = await ask(query, { operationName: 'B' })
  expect(a.data).toEqual({ order: { status: 'CONFIRMED' } })
  expect(b.data).toEqual({ order: { total: '19.00' } })
})

cases.set('a document that is not valid', async ({ ask }) => {
  const { status, data, code } = await ask('{ order(id: "x") { colour } }')
  expect({ status, data, code }).toEqual({
    status: 400,
    data: undefined,
    code: 'GRAPHQL_VALIDATION_FAILED',
  })
})

cases.set('a variable that is not valid', async ({ ask }) => {
  const { status, data, code } = await ask('query Q($id: ID!) { order(id: $id) { id } }', {
    variables: { id: null },
  })
  expect({ status, data, code }).toEqual({ status: 400, data: undefined, code: 'BAD_USER_INPUT' })
})

cases.set('an argument that is not valid is named', async ({ ask, id }) => {
  const { errors } = await ask(
    `{ customer(id: "${id('ana')}") { name orders(first: 100000) { totalCount } } }`,
  )
  expect(errors?.[0]?.extensions.status).toBe(400)
  expect(errors?.[0]?.path).toEqual(['customer', 'orders'])
})

cases.set('a scalar of the graph’s own that is not valid', async ({ ask }) => {
  const { data, errors } = await ask('query Q($at: DateTime) { order(id: "x", asOf: $at) { id } }', {
    variables: { at: 'yesterday' },
  })
  expect([undefined, '{"order":null}']).toContain(data === undefined ? data : JSON.stringify(data))
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', status: 400 })
  expect(errors?.[0]?.message).toContain('yesterday')
})

cases.set('an operation that is too deep', async ({ ask }) => {
  const deep = `${'customer { orders { nodes { '.repeat(8)} id ${'} } }'.repeat(8)}`
  const { status, data } = await ask(`{ order(id: "x") { ${deep} } }`)
  expect({ status, data }).toEqual({ status: 400, data: undefined })
})

cases.set('queries by GET, and no commands', async ({ url, id }) => {
  const get = (query: string) => fetch(`${url}?query=${encodeURIComponent(query)}`)
  const answer = await get(`{ order(id: "${id('o1')}") { customer { name } } }`)
  expect(await answer.json()).toMatchObject({ data: { order: { customer: { name: 'Ana' } } } })
  const command = await get(`mutation { confirmOrder(id: "${id('o2')}") { version } }`)
  expect(command.status).toBe(405)
})

cases.set('introspection, of the graph alone', async ({ ask }) => {
  const { data, errors } = await ask(
    `{ __schema { queryType { name } mutationType { name } } __type(name: "Customer") { kind fields { name } }
       entity: __type(name: "_Entity") { name } order(id: "x") { __typename } __typename }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    __schema: { queryType: { name: 'Query' }, mutationType: { name: 'Mutation' } },
    __type: { kind: 'OBJECT', fields: expect.arrayContaining([{ name: 'name' }, { name: 'orders' }]) },
    entity: null,
    order: null,
    __typename: 'Query',
  })
})

cases.set('subscriptions', async ({ ask }) => {
  const { data } = await ask('{ __schema { subscriptionType { name } } }')
  expect(data).toEqual({ __schema: { subscriptionType: { name: 'Subscription' } } })
})
