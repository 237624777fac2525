import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphContext, defineGraph } from '../../src/index.ts'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const SECRET = 'postgres://user:secret@10.0.0.7'

const broken = defineGraph({
  typeDefs: `extend type Query { broken: String  notThere: String!  rejected: String  query: String }`,
  resolvers: {
    Query: {
      broken: () => {
        throw new TypeError(`no route to ${SECRET}`)
      },
      rejected: () => Promise.reject(new Error(SECRET)),
      notThere: () => null,
      query: (_: unknown, _args: unknown, { db }: GraphContext) =>
        db.selectFrom('missing').selectAll().execute(),
    },
  },
})

describe('an unexpected error', () => {
  it.each(['broken', 'rejected', 'notThere', 'query'])(
    'is not told, but logged under the request id: %s',
    async (field) => {
      const shop = await openShop(servers, { graphs: [broken] })
      const { status, errors } = await shop.ask(`{ ${field} }`)
      expect(status).toBe(200)
      expect(errors).toMatchObject([{ path: [field], extensions: { code: 'INTERNAL', status: 500 } }])
      expect(JSON.stringify(errors)).not.toMatch(/secret|missing|TypeError|null for non-null|\.ts/)
      const requestId = errors?.[0]?.extensions['requestId']
      expect(requestId).toEqual(expect.any(String))
      const logged = shop.lines.find((line) => line.includes(`"reqId":"${String(requestId)}"`))
      expect(logged).toContain('"stack"')
    },
  )

  it('costs only its own field', async () => {
    const shop = await openShop(servers, { graphs: [broken] })
    await shop.command('order', 'o-1', 'create', anOrder())
    const { data, errors } = await shop.ask('{ broken order(id: "o-1") { id } }')
    expect(data).toEqual({ broken: null, order: { id: 'o-1' } })
    expect(errors).toHaveLength(1)
  })
})

describe('a request that cannot be executed', () => {
  it.each<[string, object, string]>([
    ['{ order(id: "o-1" { id } }', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{"kind":"Document","definitions":[]}', {}, 'GRAPHQL_PARSE_FAILED'],
    ['"a text"', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{ nobody }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($id: Int) { order(id: $id) { id } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($id: ID!) { order(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
    ['query ($id: ID!) { order(id: $id) { id } }', { id: ['x'] }, 'BAD_USER_INPUT'],
    [
      'query ($at: DateTime) { order(id: "o", asOf: $at) { id } }',
      { at: '2026-02-30T00:00:00Z' },
      'BAD_USER_INPUT',
    ],
    ['query ($at: DateTime) { order(id: "o", asOf: $at) { id } }', { at: 7 }, 'BAD_USER_INPUT'],
    ['{ order(id: "o", asOf: "yesterday") { id } }', {}, 'BAD_USER_INPUT'],
    ['{ orders(filter: { totalMin: 12.5 }) { totalCount } }', {}, 'BAD_USER_INPUT'],
  ])('says why: %s %j', async (query, variables, code) => {
    const shop = await openShop(servers)
    const { status, data, errors } = await shop.ask(query, { variables: { ...variables } })
    expect({ status, data }).toEqual({ status: 400, data: undefined })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code])
    expect(errors?.[0]?.message).not.toBe('')
  })

  it('is 200 in application/json, for those who know no other', async () => {
    const shop = await openShop(servers)
    const headers = { accept: 'application/json' }
    for (const query of ['{', '{ nobody }', 'query ($id: ID!) { order(id: $id) { id } }']) {
      expect((await shop.ask(query, { headers })).status).toBe(200)
    }
  })

  it('has so many words at most', async () => {
    const shop = await openShop(servers)
    const listed = (words: number) =>
      shop.ask(`{ orders(filter: { statusIn: [${'CREATED '.repeat(words)}] }) { pageInfo { hasNextPage } } }`)
    expect((await listed(4981)).errors).toBeUndefined()
    expect(await listed(4985)).toMatchObject({
      status: 400,
      code: 'QUERY_TOO_LARGE',
    })
  })

  it('goes no deeper than it may, in fragments or not; introspection is bounded otherwise', async () => {
    const shop = await openShop(servers, { settings: { queryDepth: 3 } })
    const deep = '{ orders { nodes { customer { id } } } }'
    const fragments = `{ orders { ...a } } fragment a on OrderConnection { nodes { ...b } } fragment b on Order { customer { ... on Customer { id } } }`
    for (const query of [deep, fragments]) expect((await shop.ask(query)).code).toBe('QUERY_TOO_DEEP')
    expect((await shop.ask('{ orders { nodes { id } } }')).errors).toBeUndefined()
    expect(
      (await shop.ask('{ orders { ...a } } fragment a on OrderConnection { nodes { customer { ...a } } }'))
        .status,
    ).toBe(400)
    expect(
      (await shop.ask('{ __schema { types { fields { type { ofType { name } } } } } }')).errors,
    ).toBeUndefined()
  })

  it('asks for no more than a service should hold in memory, lists in lists counted', async () => {
    const shop = await openShop(servers)
    const lists = (inner: string) =>
      `query ($n: Int = 100) { orders(first: $n) { nodes { ...a } } } fragment a on Order { ${inner} }`
    expect(
      (await shop.ask(lists('allEvents { nodes { id } } customer { orders { nodes { id } } }'))).errors,
    ).toBeUndefined()
    const million = lists(
      'customer { orders(first: 100) { nodes { allEvents(first: 100) { nodes { id } } } } }',
    )
    expect(await shop.ask(million)).toMatchObject({ status: 400, code: 'QUERY_TOO_COSTLY' })
    expect((await shop.ask(million, { variables: { n: 1 } })).errors).toBeUndefined()
  })

  it('is not unfolded without end by fragments that use others twice', async () => {
    const shop = await openShop(servers)
    const doubling = (levels: number) => {
      const fragments = Array.from({ length: levels }, (_, level) => {
        const inner = level + 1 < levels ? `...f${level + 1} ...f${level + 1}` : 'id'
        return `fragment f${level} on Order { ${inner} }`
      })
      return `{ order(id: "o") { ...f0 } } ${fragments.join(' ')}`
    }
    expect((await shop.ask(doubling(6))).data).toEqual({ order: null })
    expect(await shop.ask(doubling(400))).toMatchObject({ status: 400, code: 'QUERY_TOO_LARGE' })
  })

  it('learns nothing of the schema when introspection is off', async () => {
    const shop = await openShop(servers, { settings: { introspection: false } })
    expect((await shop.ask('{ __schema { types { name } } }')).code).toBe('INTROSPECTION_DISABLED')
    expect((await shop.ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
  })
})

describe('a document of several operations', () => {
  it('runs the one that is named, compiled or not', async () => {
    const shop = await openShop(servers)
    const source = 'query A { a: __typename } query B { b: __typename }'
    for (let run = 0; run < 3; run++) {
      expect((await shop.askOnce(source, { operationName: 'A' })).data).toEqual({ a: 'Query' })
      expect((await shop.askOnce(source, { operationName: 'B' })).data).toEqual({ b: 'Query' })
    }
    for (const operationName of ['C', 'A\n}']) {
      expect(await shop.ask(source, { operationName })).toMatchObject({ status: 400, errors: [{}] })
    }
    expect(await shop.ask(source)).toMatchObject({ status: 400, errors: [{}] })
  })
})
