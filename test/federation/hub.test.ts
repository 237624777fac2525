import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type SubgraphDefinition, LINK } from '../gateway/federated-schema.ts'
import { type SubgraphServer, startSubgraph } from '../gateway/subgraph-server.ts'
import { asker } from '../graph/ask.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

const REVIEWS = `${LINK} type Query { latest: Review }
  type Review @key(fields: "id") { id: ID! text: String! order: Order! }
  type Order @key(fields: "id") { id: ID! reviews: [Review!]! }`

const reviewOf = (order: unknown): Record<string, unknown> => ({
  id: `r-${String(order)}`,
  text: 'good',
  stars: 5,
  order: { id: order, reviews: () => [reviewOf(order)] },
})

/** A subgraph not written with Headwater, with this schema. */
const reviewing = (sdl: string): SubgraphDefinition => ({
  sdl,
  resolvers: { Query: { latest: () => reviewOf('o-1') } },
  entities: {
    Order: ({ id }) => ({ id, reviews: () => [reviewOf(id)] }),
    Review: ({ id }) => reviewOf(id),
  },
})

let reviews: SubgraphServer
let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  reviews = await startSubgraph(reviewing(REVIEWS))
  service = await startTestService({
    overrides: {
      gateway: { debug: true, pollMs: 100 },
      federation: { subgraphs: [{ name: 'reviews', graphqlUrl: reviews.url }] },
    },
  })
})
afterAll(async () => {
  await service.stop()
  await reviews.stop()
})

const CREATE = `mutation { createOrder(id: "o-1", input: {
  customerId: "c-1", currency: "EUR", items: [{ sku: "tea", quantity: 1, unitPrice: "4.50" }] }) { order { id status } } }`

describe('own contexts and a subgraph of others, in one graph', () => {
  it('answers what each has of an entity; its own without a hop', async () => {
    const ask = asker(service.endpoints.graph)
    expect((await ask(CREATE)).data).toEqual({ createOrder: { order: { id: 'o-1', status: 'CREATED' } } })
    const query =
      '{ latest { text order { id status total statusHistory { status } reviews { text } customer { id orders { totalCount } } } } }'
    const answer = await ask(query)
    expect(answer.errors).toBeUndefined()
    expect(answer.data).toEqual({
      latest: {
        text: 'good',
        order: {
          id: 'o-1',
          status: 'CREATED',
          total: '4.50',
          statusHistory: [{ status: 'CREATED' }],
          reviews: [{ text: 'good' }],
          customer: { id: 'c-1', orders: { totalCount: 1 } },
        },
      },
    })
    const response = await fetch(service.endpoints.graph, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { extensions } = z
      .object({
        extensions: z.object({
          headwater: z.object({
            projections: z.record(z.string(), z.unknown()),
            resolution: z.array(z.object({ subgraph: z.string(), strategy: z.string() })),
          }),
        }),
      })
      .parse(await response.json())
    const ways = extensions.headwater.resolution.map(({ subgraph, strategy }) => `${subgraph} ${strategy}`)
    expect(new Set(ways)).toEqual(new Set(['reviews http', 'orders local']))
    expect(Object.keys(extensions.headwater.projections)).toEqual(['order'])
  })

  it('is refused what its limits refuse, and sees what it wrote', async () => {
    const ask = asker(service.endpoints.graph)
    const deep = `{ latest { ${'order { customer { orders { nodes { '.repeat(4)} id ${'} } } }'.repeat(4)} } }`
    expect((await ask(deep)).code).toBe('QUERY_TOO_DEEP')
    const written = await ask(
      'mutation { confirmOrder(id: "o-1") { position { stream sequence } order { status reviews { text } } } }',
    )
    expect(written.at('confirmOrder.order')).toEqual({ status: 'CONFIRMED', reviews: [{ text: 'good' }] })
  })

  it('takes a changed schema without losing a request, and keeps the last good one', async () => {
    const ask = asker(service.endpoints.graph)
    const counts = { right: 0 }
    const wrong: unknown[] = []
    const over = new AbortController()
    const client = async () => {
      while (!over.signal.aborted) {
        const { data, errors } = await ask('{ latest { text order { status } } }')
        if (JSON.stringify(data) === '{"latest":{"text":"good","order":{"status":"CONFIRMED"}}}')
          counts.right++
        else wrong.push(errors)
      }
    }
    const clients = [client(), client(), client(), client()]
    let changes = 0
    const becomes = (sdl: string) => {
      reviews.become(reviewing(sdl))
      changes++
    }
    const knows = async (field: string) => (await ask(`{ latest { ${field} } }`)).errors === undefined
    expect(await knows('stars')).toBe(false)
    for (let change = 1; change <= 5; change++) {
      becomes(REVIEWS.replace('text: String!', `text: String! stars: Int same${change}: Int`))
      await until(`change ${change}`, () => knows(`same${change}`))
    }
    expect((await ask('{ latest { stars } }')).data).toEqual({ latest: { stars: 5 } })
    becomes(REVIEWS.replace('reviews: [Review!]!', 'reviews: [Review!]! status: Int'))
    const health = service.endpoints.graph.replace('/graphql', '/health/ready')
    const told = async () => await (await fetch(health)).text()
    await until('the bad schema is told of', async () => (await told()).includes('schemaRejected'))
    expect(await told()).toMatch(/"status":"degraded".*Order\.status/)
    expect(await knows('stars')).toBe(true)
    becomes(REVIEWS)
    await until('the next good one serves', async () => !(await knows('stars')))
    over.abort()
    await Promise.all(clients)
    expect(wrong).toEqual([])
    expect(counts.right).toBeGreaterThan(20)
    expect(changes).toBe(7)
    console.log(`${changes} changes of a schema, one of them bad, ${counts.right} requests, none lost`)
  })
})
