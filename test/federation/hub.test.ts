import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { buildSchema, execute, parse } from 'graphql/index.js'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { startService } from '../../src/runtime/service.ts'
import { asker } from '../graph/ask.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'

const stack = stackOfFile()

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])'
const REVIEWS = `type Query { latest: Review }
  type Review @key(fields: "id") { id: ID! text: String! order: Order! }
  type Order @key(fields: "id") { id: ID! reviews: [Review!]! }`

/** A subgraph not written with Headwater, whose schema a test can change. */
async function startReviews() {
  const told = { sdl: REVIEWS }
  const found = (id: unknown): object => ({
    id: `r-${String(id)}`,
    text: 'good',
    stars: 5,
    order: { id, reviews: () => [found(id)] },
  })
  async function answer(body: string): Promise<unknown> {
    const { query, variables } = z
      .object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })
      .parse(JSON.parse(body))
    if (query.includes('_service')) return { data: { _service: { sdl: `${LINK} ${told.sdl}` } } }
    const schema = buildSchema(
      `directive @key(fields: String!) on OBJECT scalar _Any union _Entity = Order | Review
       ${told.sdl} extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`,
    )
    const rootValue = {
      latest: () => found('o-1'),
      _entities: ({ representations }: { representations: { __typename: string; id: string }[] }) =>
        representations.map(({ id, __typename }) => ({ __typename, id, reviews: () => [found(id)] })),
    }
    return await execute({ schema, document: parse(query), rootValue, variableValues: variables ?? {} })
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void answer(Buffer.concat(chunks).toString()).then((result) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    told,
    url: `http://127.0.0.1:${port}/graphql`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

let reviews: Awaited<ReturnType<typeof startReviews>>
let service: Awaited<ReturnType<typeof startService>>
let folder: string

beforeAll(async () => {
  reviews = await startReviews()
  folder = mkdtempSync(join(tmpdir(), 'headwater-hub-'))
  const namespace = uniqueName()
  const { config } = loadConfig({
    env: {},
    cwd: folder,
    overrides: {
      namespace,
      http: { port: 0 },
      nats: { url: stack().natsUrl },
      postgres: { url: stack().databaseUrl, schema: namespace },
      log: { level: 'silent' },
      gateway: { debug: true, pollMs: 100 },
      federation: { subgraphs: [{ name: 'reviews', graphqlUrl: reviews.url }] },
    },
  })
  service = await startService({ config, contexts: await loadContexts(config.contexts) })
})
afterAll(async () => {
  await service.stop()
  reviews.stop()
  rmSync(folder, { recursive: true, force: true })
})

const CREATE = `mutation { createOrder(id: "o-1", input: {
  customerId: "c-1", currency: "EUR", items: [{ sku: "tea", quantity: 1, unitPrice: "4.50" }] }) { order { id status } } }`

async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 50_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${what}`)
    await delay(20)
  }
}

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
    const knows = async (field: string) => (await ask(`{ latest { ${field} } }`)).errors === undefined
    expect(await knows('stars')).toBe(false)
    for (let change = 1; change <= 5; change++) {
      reviews.told.sdl = REVIEWS.replace('text: String!', `text: String! stars: Int same${change}: Int`)
      await eventually(`change ${change}`, () => knows(`same${change}`))
    }
    expect((await ask('{ latest { stars } }')).data).toEqual({ latest: { stars: 5 } })
    reviews.told.sdl = REVIEWS.replace('reviews: [Review!]!', 'reviews: [Review!]! status: Int')
    const health = service.endpoints.graph.replace('/graphql', '/health/ready')
    const told = async () => await (await fetch(health)).text()
    await eventually('the bad schema is told of', async () => (await told()).includes('schemaRejected'))
    expect(await told()).toMatch(/"status":"degraded".*Order\.status/)
    expect(await knows('stars')).toBe(true)
    reviews.told.sdl = REVIEWS
    await eventually('the next good one serves', async () => !(await knows('stars')))
    over.abort()
    await Promise.all(clients)
    expect(wrong).toEqual([])
    expect(counts.right).toBeGreaterThan(20)
    console.log(`7 changes of a schema, one of them bad, ${counts.right} requests, none lost`)
  })
})
