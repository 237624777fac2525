import { type GraphQLFieldResolver, parse } from 'graphql/index.js'
import { describe, expect, it } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { createLocalSubgraph } from '../../src/graph/gateway/transport/local-subgraph.ts'
import type { SubgraphOperation, SubgraphResult } from '../../src/graph/gateway/subgraph.ts'
import { federatedSchema } from './federated-schema.ts'
import { gatewayRequest } from './request.ts'

const fail: GraphQLFieldResolver<unknown, unknown> = () => {
  throw new HeadwaterError({ code: 'NO_LUCK', status: 409, detail: 'no luck' })
}
const crash: GraphQLFieldResolver<unknown, unknown> = () => {
  throw new Error('secret of /srv')
}

const schema = federatedSchema({
  sdl: `
    type Query { thing(id: ID = "default"): Thing who: String fails: Int crashes: Int }
    type Subscription { ticks: Int! endless: Int! }
    type Thing { id: ID! size: Size } enum Size { BIG }`,
  resolvers: {
    Query: {
      thing: (_, { id }: Record<string, unknown>) => ({ id, size: 'BIG' }),
      who: (_, __, context) =>
        typeof context === 'object' && context && 'who' in context ? context.who : undefined,
      fails: fail,
      crashes: crash,
    },
  },
  entities: { Thing: ({ id }) => (id === 'none' ? null : { id, size: 'BIG' }) },
  streams: {
    async *ticks() {
      yield 1
      yield 2
    },
    async *endless() {
      yield 1
      await new Promise(() => {})
    },
  },
})

function operation(text: string): SubgraphOperation {
  const kind = text.startsWith('subscription') ? 'subscription' : 'query'
  return { text, kind, name: undefined, document: parse(text) }
}

function local() {
  const reported: unknown[] = []
  const subgraph = createLocalSubgraph({
    name: 'things',
    schema,
    contextOf: ({ headers, id }) => ({ who: headers['who'], id }),
    extensionsOf: () => ({ projections: { p: 1 } }),
    report: (error) => void reported.push(error),
  })
  return { subgraph, reported }
}

const plain = (result: SubgraphResult): unknown => JSON.parse(JSON.stringify(result))
const extensions = { headwater: { projections: { p: 1 } } }

describe('a subgraph in this process', () => {
  it('answers as it would over HTTP, whether its operation has been compiled or not', async () => {
    const { subgraph } = local()
    const { request } = gatewayRequest({ who: 'me' })
    const asked = operation(
      'query($id: ID, $r: [_Any!]!) { thing(id: $id) { id size } who _entities(representations: $r) { ... on Thing { size } } }',
    )
    for (let run = 0; run < 6; run++) {
      const variables = {
        id: `t${run}`,
        r: [
          { __typename: 'Thing', id: 'a' },
          { __typename: 'Thing', id: 'none' },
        ],
      }
      expect(plain(await subgraph.execute({ operation: asked, variables, request }))).toEqual({
        data: { thing: { id: `t${run}`, size: 'BIG' }, who: 'me', _entities: [{ size: 'BIG' }, null] },
        extensions,
      })
    }
  })

  it('says of errors what clients may know, and no more', async () => {
    const { subgraph, reported } = local()
    const { request } = gatewayRequest()
    const asked = operation('{ fails crashes }')
    for (let run = 0; run < 5; run++) {
      expect(plain(await subgraph.execute({ operation: asked, variables: {}, request }))).toMatchObject({
        data: { fails: null, crashes: null },
        errors: [
          { message: 'no luck', path: ['fails'], extensions: { code: 'NO_LUCK', status: 409 } },
          { path: ['crashes'], extensions: { code: 'INTERNAL', requestId: 'r-1' } },
        ],
      })
    }
    expect(reported.map(String)).toEqual(Array.from({ length: 5 }, () => 'Error: secret of /srv'))
  })

  it('answers variables that do not fit with their error', async () => {
    const { subgraph } = local()
    const { request } = gatewayRequest()
    const asked = operation('query($id: ID) { thing(id: $id) { id } }')
    const result = await subgraph.execute({ operation: asked, variables: { id: {} }, request })
    expect(result.data).toBeUndefined()
    expect(result.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('sends the events of a subscription, and ends it while it waits', async () => {
    const { subgraph } = local()
    const { request, abort } = gatewayRequest()
    const ticks: unknown[] = []
    for await (const { data } of subgraph.subscribe({
      operation: operation('subscription { ticks }'),
      variables: {},
      request,
    }))
      ticks.push({ ...data })
    expect(ticks).toEqual([{ ticks: 1 }, { ticks: 2 }])
    const events = subgraph.subscribe({
      operation: operation('subscription { endless }'),
      variables: {},
      request,
    })
    const endless = events[Symbol.asyncIterator]()
    expect((await endless.next()).value).toMatchObject({ data: { endless: 1 } })
    const waiting = endless.next()
    abort()
    expect((await waiting).done).toBe(true)
  })
})
