import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { schemaSources } from '../../src/runtime/federation/sources.ts'
import { natsLogin } from '../../src/runtime/nats-login.ts'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import { gatewayBefore } from './serve.ts'

describe('the log-in in an address of NATS', () => {
  it.each([
    ['nats://h:4222', ['nats://h:4222'], {}],
    ['h', ['nats://h'], {}],
    ['nats://u:p%40ss@h:4222', ['nats://h:4222'], { user: 'u', pass: 'p@ss' }],
    ['u:p@h1, h2:4223', ['nats://h1', 'nats://h2:4223'], { user: 'u', pass: 'p' }],
    ['tls://secret@h', ['tls://h'], { token: 'secret' }],
    ['wss://u:p@h/nats?x=1', ['wss://h/nats?x=1'], { user: 'u', pass: 'p' }],
    ['nats://[::1]:4222', ['nats://[::1]:4222'], {}],
  ])('%s', (url, servers, login) => {
    expect(natsLogin(url)).toEqual({ servers, login })
  })
})

/** A subgraph that keeps who asked for what. */
async function listening() {
  const asked: { authorization: string | undefined; query: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const query = Buffer.concat(chunks).toString()
      asked.push({ authorization: request.headers.authorization, query })
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          query.includes('_service')
            ? '{"data":{"_service":{"sdl":"type Query { a: Int }"}}}'
            : '{"data":{"a":7}}',
        )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { asked, url: `http://user:p%40ss@127.0.0.1:${port}/` }
}

const LOGIN = `Basic ${btoa('user:p@ss')}`

it('the schema of a subgraph is asked for with the user in its address, as all else is', async () => {
  const { asked, url } = await listening()
  const { config } = loadConfig({
    env: {},
    overrides: { federation: { subgraphs: [{ name: 'a', graphqlUrl: url }] } },
  })
  const [source] = schemaSources(config, [])
  expect(await source?.read(new AbortController().signal)).toBe('type Query { a: Int }')
  expect(asked.map(({ authorization }) => authorization)).toEqual([LOGIN])
})

describe('the log-in in an address of a subgraph', () => {
  it.each([
    ['http://user:p%40ss@h:1/graphql', 'http://h:1/graphql'],
    ['https://token@h', 'https://h'],
    ['http://u:p@ss@h/a@b?c=@d', 'http://h/a@b?c=@d'],
    ['http://h/a@b', 'http://h/a@b'],
    ['', ''],
  ])('%s is not in the supergraph that it is composed to', (url, shown) => {
    const supergraph = composeSupergraph([{ name: 'a', url, sdl: 'type Query { a: Int }' }])
    expect(supergraph).toContain(`@join__graph(name: "a", url: "${shown}")`)
  })

  it('is with everything that a gateway asks it all the same', async () => {
    const { asked, url } = await listening()
    const gateway = await gatewayBefore({ url })
    const body = JSON.stringify({ query: '{ a }' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(gateway.url, { method: 'POST', headers, body })
    expect(await response.json()).toEqual({ data: { a: 7 } })
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.filter(({ authorization }) => authorization !== LOGIN)).toEqual([])
  })
})
