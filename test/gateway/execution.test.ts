import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from './ask.ts'
import { serveGraph, startSubgraphs } from './graph.ts'

const PRICES: Record<string, number> = { p1: 10, p2: 200 }

/** Products and their reviews, stock and media: each of them knows a part. */
const definitions = {
  products: {
    sdl: `
      type Query { products: [Product!]! product(id: ID!): Product same: [Product!]! shelf: Shelf @shareable media: [Media!]! things: [Thing!]! }
      type Mutation { add(id: ID!): Product! }
      type Product @key(fields: "id") { id: ID! name: String! price: Int! size: Size @shareable }
      type Size @shareable { width: Int }
      type Shelf @shareable { row: Int }
      interface Media @key(fields: "id") { id: ID! title: String! }
      type Film implements Media @key(fields: "id") { id: ID! title: String! length: Int }
      type Song implements Media @key(fields: "id") { id: ID! title: String! bars: Int }
      union Thing = Bolt | Nut
      type Bolt @shareable { label: String! }
      type Nut { label: String }`,
    resolvers: {
      Query: {
        products: () => [product('p1'), product('p2')],
        product: (_: unknown, { id }: { id: string }) => product(id),
        same: () => [product('p1'), product('p1'), product('p2'), product('p1')],
        shelf: () => ({ row: 3 }),
        media: () => [
          { __typename: 'Film', id: 'm1', title: 'Water', length: 90 },
          { __typename: 'Song', id: 'm2', title: 'Head', bars: 12 },
        ],
        things: () => [
          { __typename: 'Bolt', label: 'long' },
          { __typename: 'Nut', label: 'round' },
        ],
      },
      Mutation: { add: (_: unknown, { id }: { id: string }) => product(id) },
    },
    entities: {
      Product: ({ id }: { id?: unknown }) => product(String(id)),
      Film: ({ id }: { id?: unknown }) => ({ id, title: 'Water', length: 90 }),
      Song: ({ id }: { id?: unknown }) => ({ id, title: 'Head', bars: 12 }),
    },
  },
  stock: {
    sdl: `
      type Query { warehouses: [Warehouse!]! shelf: Shelf @shareable }
      type Mutation { count(id: ID!): Int! fail: Int }
      type Shelf @shareable { row: Int box: String }
      type Warehouse { name: String! best: Product! @provides(fields: "name") }
      type Size @shareable { height: Int }
      type Bolt @shareable { label: String }
      type Product @key(fields: "id") {
        id: ID! name: String! @external price: Int! @external
        inStock: Int! shipping: Int @requires(fields: "price") size: Size @shareable }
      type Media @interfaceObject @key(fields: "id") { id: ID! loans: Int! }`,
    resolvers: {
      Query: {
        warehouses: () => [{ name: 'north', best: { id: 'p2', name: 'by stock' } }],
        shelf: () => ({ row: 3, box: 'B' }),
      },
      Mutation: {
        count: () => 1,
        fail: () => {
          throw new Error('no')
        },
      },
    },
    entities: {
      Product: ({ id, price }: { id?: unknown; price?: unknown }) =>
        id === 'gone'
          ? null
          : { id, inStock: 5, size: { height: 7 }, shipping: typeof price === 'number' ? price / 10 : null },
      Media: ({ id }: { id?: unknown }) => ({ id, loans: id === 'm1' ? 2 : 4 }),
    },
  },
}

function product(id: string) {
  return { id, name: `the ${id}`, price: PRICES[id] ?? 1, size: { width: 2 } }
}

type Graph = Awaited<ReturnType<typeof startSubgraphs<'products' | 'stock'>>>
let graph: Graph
let served: Awaited<ReturnType<typeof serveGraph>>

beforeAll(async () => {
  graph = await startSubgraphs(definitions)
  served = await serveGraph(graph.supergraph())
})
afterAll(async () => {
  await served.server.close()
  await graph.stop()
})

async function data(query: string, variables: Record<string, unknown> = {}) {
  graph.asked('products')
  graph.asked('stock')
  const answer = await ask(served.url, { query, variables })
  expect(answer.errors).toBeUndefined()
  return answer.data
}

const representations = () => graph.asked('stock').map(({ variables }) => variables?.['representations'])

describe('a fetch of entities', () => {
  it('asks for each entity once, and gives it to every place where it stands', async () => {
    expect(await data('{ same { name inStock } }')).toEqual({
      same: ['p1', 'p1', 'p2', 'p1'].map((id) => ({ name: `the ${id}`, inStock: 5 })),
    })
    expect(representations()).toEqual([
      [
        { __typename: 'Product', id: 'p1' },
        { __typename: 'Product', id: 'p2' },
      ],
    ])
  })

  it('sends what @requires names, from another subgraph, and shows it to nobody who did not ask', async () => {
    expect(await data('{ products { shipping } }')).toEqual({ products: [{ shipping: 1 }, { shipping: 20 }] })
    expect(representations()).toEqual([
      [
        { __typename: 'Product', id: 'p1', price: 10 },
        { __typename: 'Product', id: 'p2', price: 200 },
      ],
    ])
  })

  it('asks nobody for what is provided where it is', async () => {
    expect(await data('{ warehouses { name best { name } } }')).toEqual({
      warehouses: [{ name: 'north', best: { name: 'by stock' } }],
    })
    expect(graph.asked('products')).toEqual([])
  })

  it('is not made when there is nothing to ask for', async () => {
    expect(
      await data('query($id: ID!, $is: Boolean!) { product(id: $id) { id inStock @include(if: $is) } }', {
        id: 'p1',
        is: false,
      }),
    ).toEqual({ product: { id: 'p1' } })
    expect(graph.asked('stock')).toEqual([])
  })

  it('puts values that two subgraphs know a part of into one', async () => {
    expect(await data('{ products { size { width height } } }')).toEqual({
      products: [{ size: { width: 2, height: 7 } }, { size: { width: 2, height: 7 } }],
    })
  })

  it('finds the fields of an interface that a subgraph has as an object', async () => {
    expect(
      await data('{ media { id loans ... on Film { length } ... on Song { bars } kind: __typename } }'),
    ).toEqual({
      media: [
        { id: 'm1', loans: 2, length: 90, kind: 'Film' },
        { id: 'm2', loans: 4, bars: 12, kind: 'Song' },
      ],
    })
  })
})

describe('what clients name', () => {
  it('comes back under it, the same field more than once and with other arguments', async () => {
    expect(
      await data(
        '{ a: product(id: "p1") { n: name s: inStock inStock } b: product(id: "p2") { n: name t: __typename } }',
      ),
    ).toEqual({ a: { n: 'the p1', s: 5, inStock: 5 }, b: { n: 'the p2', t: 'Product' } })
  })

  it('is one thing to clients where subgraphs have it in two types that do not fit', async () => {
    // `String!` in one, `String` in the other: in that subgraph no operation may ask for both under one key.
    expect(await data('{ things { ... on Bolt { label } ... on Nut { label } } }')).toEqual({
      things: [{ label: 'long' }, { label: 'round' }],
    })
    const [asked] = graph.asked('products')
    expect(asked?.query).toMatch(/\w+: label/)
  })

  it('is of each place alone, where the same entity stands twice', async () => {
    const query = `{
      a: product(id: "p1") { inStock size { is: height } }
      b: product(id: "p1") { inStock size { is: width } }
      same { size { height is: width } }
      others: same { size { is: height width } }
    }`
    const times = <Item>(item: Item) => [item, item, item, item]
    expect(await data(query)).toEqual({
      a: { inStock: 5, size: { is: 7 } },
      b: { inStock: 5, size: { is: 2 } },
      same: times({ size: { height: 7, is: 2 } }),
      others: times({ size: { is: 7, width: 2 } }),
    })
  })

  it('keeps its place: fields come in the order of the operation', async () => {
    const { text } = await ask(served.url, '{ products { inStock name id } }')
    expect(text).toMatch(/^\{"data":\{"products":\[\{"inStock":5,"name":"the p1","id":"p1"\}/)
  })

  it('is of the one operation that is asked for, of several in a document', async () => {
    const query = 'query A { products { id } } query B { products { name } }'
    const answers = [
      await ask(served.url, { query, operationName: 'A' }),
      await ask(served.url, { query, operationName: 'B' }),
    ]
    expect(answers.map((answer) => answer.data)).toEqual([
      { products: [{ id: 'p1' }, { id: 'p2' }] },
      { products: [{ name: 'the p1' }, { name: 'the p2' }] },
    ])
  })
})

describe('root fields', () => {
  it('come from as many subgraphs as they are of, at the same time', async () => {
    let waiting = 0
    let release = () => {}
    const both = new Promise<void>((resolve) => (release = resolve))
    const hold = async () => {
      if (++waiting === 2) release()
      await both
    }
    graph.server('products').hold(hold)
    graph.server('stock').hold(hold)
    // Would not come to an end if one of them was asked after the other.
    expect(await data('{ products { id } warehouses { name } }')).toEqual({
      products: [{ id: 'p1' }, { id: 'p2' }],
      warehouses: [{ name: 'north' }],
    })
    graph.server('products').hold(undefined)
    graph.server('stock').hold(undefined)
  })

  it('of one name in two subgraphs are put into one', async () => {
    expect(await data('{ shelf { row box } }')).toEqual({ shelf: { row: 3, box: 'B' } })
  })

  it('of a mutation are executed one after the other, whoever they are of', async () => {
    const order: string[] = []
    for (const name of ['products', 'stock'] as const) {
      graph.server(name).hold(async () => {
        order.push(`${name} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        order.push(`${name} ends`)
      })
    }
    const answer = await data(
      'mutation { one: add(id: "p1") { id } two: count(id: "p1") three: add(id: "p2") { name } }',
    )
    expect(answer).toEqual({ one: { id: 'p1' }, two: 1, three: { name: 'the p2' } })
    expect(order).toEqual(
      ['products', 'stock', 'products'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
    graph.server('products').hold(undefined)
    graph.server('stock').hold(undefined)
  })

  it('that are introspection ask no subgraph, beside fields that do', async () => {
    expect(await data('{ __typename __type(name: "Shelf") { fields { name } } shelf { row } }')).toEqual({
      __typename: 'Query',
      __type: { fields: [{ name: 'row' }, { name: 'box' }] },
      shelf: { row: 3 },
    })
  })

  it('that are all left out leave an empty answer', async () => {
    expect(await data('{ products @skip(if: true) { id } }')).toEqual({})
  })
})
