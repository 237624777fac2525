import * as fc from 'fast-check'
import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatewayBefore } from '../security/serve.ts'
import { until } from '../support/until.ts'
import { expectGraphql } from './answers.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddText } from './hostile.ts'

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { thing(id: ID!): Thing things: [Thing!] count: Int! }
  type Thing @key(fields: "id") { id: ID! name: String! kind: Kind other: Thing list: [[Int!]] }
  enum Kind { A B }
`
type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** A subgraph that answers as it is told, and says its schema in between. */
async function hostileSubgraph() {
  let answering: Answering | undefined
  let sdl = SDL
  let redirected = 0
  const server = createServer((request, response) => {
    if (request.url === '/elsewhere') redirected++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const asksSchema = Buffer.concat(chunks).toString().includes('_service')
      if (answering && !asksSchema) return answering(request, response)
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: { _service: { sdl } } }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return {
    url: `http://127.0.0.1:${address.port}/graphql`,
    port: address.port,
    answer: (how: Answering) => void (answering = how),
    say: (text: string) => void (sdl = text),
    redirected: () => redirected,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const QUERY = '{ count things { id name kind list other { id } } one: thing(id: "a") { name } }'
async function ask(url: string, query = QUERY) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return await response.text()
}

let subgraph: Awaited<ReturnType<typeof hostileSubgraph>>
beforeAll(async () => {
  subgraph = await hostileSubgraph()
})
afterAll(() => subgraph.stop())

/** Mostly what lets the body be read. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const status = mostly(200, 201, 204, 301, 302, 307, 400, 401, 404, 418, 500, 503)
const type = fc.constantFrom(
  'application/json',
  'application/graphql-response+json',
  'text/html',
  'application/octet-stream',
  '',
)
const body = fc.oneof(
  oddJson,
  oddJson.map((text) => `{"data":${text}}`),
  oddJson.map((text) => `{"data":{"count":${text},"things":${text},"one":${text}}}`),
  oddJson.map(
    (text) =>
      `{"data":{"count":1,"things":[{"id":"a","name":"n","kind":"C","list":${text},"other":${text}}]}}`,
  ),
  oddJson.map((text) => `{"data":null,"errors":${text}}`),
  oddJson.map(
    (text) =>
      `{"data":null,"errors":[{"message":${text},"path":${text},"extensions":${text},"locations":${text}}]}`,
  ),
  // What it says of itself in the words of the gateway.
  fc
    .constantFrom('"elsewhere"', '"another"', 'null', '{}')
    .map(
      (name) =>
        `{"data":null,"errors":[{"message":"m","extensions":{"code":"INTERNAL","requestId":"r","subgraph":${name}}}]}`,
    ),
  oddText,
)
const lines = mostly<Record<string, string>>(
  {},
  { 'content-encoding': 'gzip' },
  { 'content-length': '5' },
  { 'transfer-encoding': 'chunked' },
  { location: '/elsewhere' },
  { 'set-cookie': 'a=b' },
)

describe('whatever a subgraph answers, the gateway answers its clients', () => {
  it('with their data or a code, and goes on', async () => {
    // A breaker that opens would answer in the place of the subgraph from the fifth failure on.
    const breaker = { consecutiveFailures: 100_000, minimumCalls: 1_000_000 }
    const gateway = await gatewayBefore(
      subgraph,
      {},
      { gateway: { pollMs: 0, maxResponseBytes: 100_000, steps: { breaker } } },
    )
    let [asked, read, claimed] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(
        status,
        type,
        lines,
        body,
        mostly('ends', 'breaks', 'resets'),
        async (code, media, more, text, how) => {
          subgraph.answer((_, response) => {
            asked++
            if (how === 'resets') {
              response.destroy()
              return
            }
            const head = { ...(media !== '' && { 'content-type': media }), ...more }
            response.on('error', () => undefined).writeHead(code, head)
            if (how === 'breaks') response.write(text.slice(0, 20), () => response.destroy())
            else response.end(text)
          })
          const answer = await ask(gateway.url)
          const { errors = [] } = expectGraphql(answer, 'elsewhere')
          const codes = errors.map(({ extensions }) => extensions.code)
          if (codes.includes('INTERNAL')) claimed++
          if (!codes.includes('SUBGRAPH_UNAVAILABLE')) read++
          // What a subgraph says of its own inside is its own; ours is not in it.
          expect(answer).not.toContain(String(subgraph.port))
          expect(answer).not.toContain('node_modules')
        },
      ),
      runs(100),
    )
    expect(asked).toBeGreaterThanOrEqual(100)
    expect(read).toBeGreaterThan(15)
    expect(claimed).toBeGreaterThan(0)
    expect(subgraph.redirected()).toBe(0)
    subgraph.answer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"count":1}}'),
    )
    await until('the subgraph', async () => (await ask(gateway.url, '{ count }')).includes('"count":1'))
    expect((await fetch(`${gateway.origin}/health/ready`)).status).toBe(200)
  })

  it('one that never ends its answer, or sends without end', async () => {
    const gateway = await gatewayBefore(
      subgraph,
      {},
      {
        gateway: { pollMs: 0, maxResponseBytes: 100_000, timeoutMs: 300, operationTimeoutMs: 2000 },
      },
    )
    let sent = 0
    const endless: Answering = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write('[1,'.repeat(10_000))) sent += 30_000
      }
      response.on('drain', more).on('error', () => undefined)
      response.write('{"data":')
      more()
    }
    const silent: Answering = (_, response) => void response.writeHead(200).write('{')
    for (const how of [endless, silent, () => undefined]) {
      subgraph.answer(how)
      expect(await ask(gateway.url, '{ count }')).toMatch(/SUBGRAPH_(TIMEOUT|UNAVAILABLE)/)
    }
    expect(sent).toBeLessThan(20_000_000)
  })

  it('one whose schema is anything: the last good one serves on', async () => {
    const gateway = await gatewayBefore(subgraph, {}, { gateway: { pollMs: 20 } })
    subgraph.answer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"count":1}}'),
    )
    const sdls = fc.oneof(
      oddText,
      fc.constantFrom(
        'type Query',
        'type Query { __secret: Int }',
        'type Query { a: Missing }',
        `type Query { a: ${'['.repeat(3000)}Int${']'.repeat(3000)} }`,
        SDL.replace('fields: "id"', `fields: "${'id { '.repeat(500)}"`),
        SDL.replace('v2.3', 'v9.9'),
        SDL.replace('specs.apollo.dev', '127.0.0.1'),
        `${SDL} extend schema @link(url: "file:///etc/passwd")`,
        `${SDL} ${'extend type Thing { x: Int } '.repeat(200)}`,
        `${SDL} union __proto__ = Thing`,
        '{ a }',
      ),
      fc.nat(SDL.length).map((at) => SDL.slice(0, at)),
    )
    await fc.assert(
      fc.asyncProperty(sdls, async (sdl) => {
        subgraph.say(sdl)
        const ready = await (await fetch(`${gateway.origin}/health/ready`)).text()
        expect(ready).not.toMatch(/127\.0\.0\.1:\d|node_modules|\n\s+at /)
        expect(JSON.parse(ready)).toMatchObject({ status: expect.stringMatching(/^(up|degraded)$/) })
        expect(await ask(gateway.url, '{ __typename }')).toBe('{"data":{"__typename":"Query"}}')
      }),
      runs(60),
    )
    subgraph.say(SDL)
    expect(await ask(gateway.url, '{ count }')).toContain('"count":1')
  })
})
