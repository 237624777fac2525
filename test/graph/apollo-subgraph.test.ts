import { GraphQLError, Source, printSchema } from 'graphql/index.js'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { federatedTrace } from '../../src/graph/federation/federated-trace.ts'
import { inventoryGraph, usersGraph } from './apollo/neighbours.ts'
import { productsGraph } from './apollo/products.ts'
import { startRouter } from './apollo/router.ts'
import { directivesIn, fieldsIn } from './apollo/sdl.ts'
import { serveSubgraph } from './apollo/serve.ts'
import { type Answer, asker, extensionsOf } from './ask.ts'

/**
 * What Apollo's subgraph compatibility suite checks, in our words:
 * https://github.com/apollographql/apollo-federation-subgraph-compatibility. Where the suite asks Apollo's router, we ask our
 * gateway.
 */
type Subgraph = Awaited<ReturnType<typeof serveSubgraph>>
let products: Subgraph
let users: Subgraph
let inventory: Subgraph
let router: Awaited<ReturnType<typeof startRouter>>
let directives: (place: string) => string[]

beforeAll(async () => {
  products = await serveSubgraph([productsGraph])
  users = await serveSubgraph([usersGraph])
  inventory = await serveSubgraph([inventoryGraph])
  const [sdl, usersSdl, inventorySdl] = await Promise.all([products, users, inventory].map(sdlOf))
  if (sdl === undefined || usersSdl === undefined || inventorySdl === undefined) throw new Error('no SDL')
  router = await startRouter({
    products: { url: products.url, sdl },
    users: { url: users.url, sdl: usersSdl },
    inventory: { url: inventory.url, sdl: inventorySdl },
  })
  directives = directivesIn(sdl)
})
afterAll(async () => {
  for (const { close } of [router, products, users, inventory]) await close()
})

/** As gateways get it. */
async function sdlOf({ url }: Subgraph): Promise<string> {
  return z.string().parse((await asker(url)('{ _service { sdl } }')).at('_service.sdl'))
}

/** Twice: as it is executed, and as it is compiled. */
async function answer(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const first = await asker(url)(query, { variables })
  expect(await asker(url)(query, { variables })).toMatchObject({ status: 200, data: first.data })
  expect(first.errors).toBeUndefined()
  return first
}

async function entities({ url }: Subgraph, selection: string, representations: object[]): Promise<unknown> {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`
  return (await answer(url, query, { representations })).at('_entities')
}

const jane = { __typename: 'User', email: 'support@apollographql.com' }
const federation = '(id: "apollo-federation")'

describe('a subgraph says what it is', () => {
  it('has the types, fields and root fields of its SDL', async () => {
    const sdl = await sdlOf(products)
    expect(fieldsIn(sdl, 'Query')).toEqual(
      expect.arrayContaining([
        'product(id: ID!): Product',
        'deprecatedProduct(sku: String!, package: String!): DeprecatedProduct',
      ]),
    )
    expect(fieldsIn(sdl, 'User')).toEqual([
      'email: ID!',
      'name: String',
      'totalProductsCreated: Int',
      'yearsOfEmployment: Int!',
      'averageProductsCreatedPerYear: Int',
    ])
    expect(fieldsIn(sdl, 'ProductResearch')).toEqual(['study: CaseStudy!', 'outcome: String'])
  })

  it('links the specification once, with the imports of its author (@link)', () => {
    const links = directives('schema').filter((directive) =>
      directive.includes('specs.apollo.dev/federation'),
    )
    expect(links).toHaveLength(1)
    expect(links[0]).toContain('federation/v2.3')
    expect(links[0]).toContain('"@interfaceObject"')
  })

  it('composes a directive of its own (@composeDirective)', async () => {
    expect(directives('schema')).toContain('@composeDirective(name: "@custom")')
    expect(directives('schema').join()).toContain('https://myspecs.dev/myCustomDirective/v1.0')
    expect(await sdlOf(products)).toContain('directive @custom on OBJECT')
    expect(directives('Product')).toContain('@custom')
  })

  it('keeps @tag under its own name', () => {
    expect(directives('Product.notes')).toEqual(['@tag(name: "internal")'])
  })
})

describe('@key', () => {
  it('of one field: on a type that is only extended', () => {
    expect(directives('User')).toEqual(['@key(fields: "email")'])
    // Compositions would take the key for one that only others can give.
    expect(directives('User.email')).toEqual([])
  })

  it('of one field: finds the entity', async () => {
    expect(await entities(products, '... on User { email name }', [jane])).toEqual([
      { email: 'support@apollographql.com', name: 'Jane Smith' },
    ])
  })

  it('of several fields: is in the SDL', () => {
    expect(directives('DeprecatedProduct')).toEqual(['@key(fields: "sku package")'])
  })

  it('of several fields: finds the entity', async () => {
    const selection = '... on DeprecatedProduct { sku package reason }'
    const key = { sku: 'apollo-federation-v1', package: '@apollo/federation-v1' }
    expect(await entities(products, selection, [{ __typename: 'DeprecatedProduct', ...key }])).toEqual([
      { ...key, reason: 'Migrate to Federation V2' },
    ])
  })

  it('of a field of another object: is in the SDL', () => {
    expect(directives('ProductResearch')).toEqual(['@key(fields: "study { caseNumber }")'])
  })

  it('of a field of another object: finds the entity', async () => {
    const selection = '... on ProductResearch { study { caseNumber description } }'
    const reference = { __typename: 'ProductResearch', study: { caseNumber: '1234' } }
    expect(await entities(products, selection, [reference])).toEqual([
      { study: { caseNumber: '1234', description: 'Federation Study' } },
    ])
  })

  it('several: are all in the SDL', () => {
    expect(directives('Product')).toEqual([
      '@custom',
      '@key(fields: "id")',
      '@key(fields: "sku package")',
      '@key(fields: "sku variation { id }")',
    ])
  })

  it('several: each finds the entity', async () => {
    const references = [
      { id: 'apollo-federation' },
      { sku: 'federation', package: '@apollo/federation' },
      { sku: 'studio', variation: { id: 'platform' } },
    ]
    const representations = references.map((reference) => ({ __typename: 'Product', ...reference }))
    expect(await entities(products, '... on Product { id sku }', representations)).toEqual([
      { id: 'apollo-federation', sku: 'federation' },
      { id: 'apollo-federation', sku: 'federation' },
      { id: 'apollo-studio', sku: 'studio' },
    ])
  })
})

describe('fields that need, give or replace those of others', () => {
  it('@requires is in the SDL', () => {
    expect(directives('User.averageProductsCreatedPerYear')).toEqual([
      '@requires(fields: "totalProductsCreated yearsOfEmployment")',
    ])
  })

  it('@requires gets what it names, as users have it', async () => {
    const query = `{ product${federation} { createdBy { averageProductsCreatedPerYear email } } }`
    const createdBy = { averageProductsCreatedPerYear: expect.any(Number), email: jane.email }
    expect(await router.ask(query)).toEqual({ product: { createdBy } })
    const required = { totalProductsCreated: 90, yearsOfEmployment: 9 }
    const selection = '... on User { averageProductsCreatedPerYear }'
    expect(await entities(products, selection, [{ ...jane, ...required }])).toEqual([
      { averageProductsCreatedPerYear: 10 },
    ])
  })

  it('@provides is in the SDL', () => {
    expect(directives('Product.createdBy')).toEqual(['@provides(fields: "totalProductsCreated")'])
  })

  it('@provides gives what is known here', async () => {
    const query = `{ product${federation} { createdBy { email totalProductsCreated } } }`
    expect((await answer(products.url, query)).at('product.createdBy')).toEqual({
      email: jane.email,
      totalProductsCreated: 1337,
    })
  })

  it('@override is in the SDL', () => {
    expect(directives('User.name')).toEqual(['@override(from: "users")'])
  })

  it('@override gives the name, and not that of users', async () => {
    expect(await router.ask(`{ product${federation} { createdBy { name } } }`)).toEqual({
      product: { createdBy: { name: 'Jane Smith' } },
    })
  })

  it('@shareable is in the SDL', () => {
    expect(directives('ProductDimension')).toEqual(['@shareable'])
  })

  it('@shareable objects are answered, and handed to a subgraph that requires them', async () => {
    const query = `{ product${federation} { dimensions { size weight } delivery(zip: "94111") { estimatedDelivery } } }`
    const dimensions = { size: 'small', weight: 1 }
    const delivery = { estimatedDelivery: 'small, 1' }
    expect(await router.ask(query)).toEqual({ product: { dimensions, delivery } })
  })
})

describe('what clients do not see, or see as another type', () => {
  it('@inaccessible is in the SDL', () => {
    expect(directives('ProductDimension.unit')).toEqual(['@inaccessible'])
  })

  it('@inaccessible fields are answered to gateways, and are nothing that clients can ask for', async () => {
    const query = `{ product${federation} { dimensions { unit } } }`
    expect((await answer(products.url, query)).at('product.dimensions.unit')).toBe('kg')
    expect(printSchema(router.schema)).toMatch(/type ProductDimension \{\s*size: String\s*weight: Float\s*\}/)
  })

  it('@interfaceObject is in the SDL, with its key', () => {
    expect(directives('Inventory')).toEqual(['@interfaceObject', '@key(fields: "id")'])
  })

  it('@interfaceObject adds fields to an interface of another subgraph', async () => {
    const query = '{ inventory(id: "apollo-oss") { __typename deprecatedProducts { sku reason } } }'
    const inventory = {
      __typename: 'OpenSourceInventory',
      deprecatedProducts: [{ sku: 'apollo-federation-v1', reason: 'Migrate to Federation V2' }],
    }
    expect(await router.ask(query)).toEqual({ inventory })
  })

  it('an interface that is an entity is found by its own name', async () => {
    const selection = '__typename ... on OpenSourceInventory { products { id } }'
    expect(await entities(inventory, selection, [{ __typename: 'Inventory', id: 'apollo-oss' }])).toEqual([
      { __typename: 'OpenSourceInventory', products: [{ id: 'apollo-federation' }] },
    ])
  })
})

/**
 * As Apollo's own decoder (@apollo/usage-reporting-protobuf 4.1) reads it: endTime 1769853600.25, startTime 1769853598.7495,
 * durationNs 1500500000, root { error [{ message "<masked>", location [{ line 3, column 1 }] }] }.
 */
const TRACE = 'GgsIoKX3ywYQgOWadyIMCJ6l98sGEODsseUCWKCgv8sFchJaEAoIPG1hc2tlZD4SBAgDEAE='

describe('federated traces', () => {
  const header = { 'apollo-federation-include-trace': 'ftv1' }

  it('are given to who asks for one, and to nobody else', async () => {
    const extensions = await extensionsOf(products.url, '{ __typename }', header)
    expect(extensions).toEqual({ ftv1: expect.any(String) })
    expect(await extensionsOf(products.url, '{ __typename }')).toBeUndefined()
  })

  it('say when it began, how long it took and where its errors are, but not what they are', () => {
    vi.useFakeTimers({ now: new Date('2026-01-31T10:00:00.250Z') })
    onTestFinished(() => void vi.useRealTimers())
    const errors = [new GraphQLError('secret', { source: new Source('a\nb\nc'), positions: [4] })]
    expect(federatedTrace({ headers: header, elapsedMs: 1500.5, errors })).toBe(TRACE)
  })
})
