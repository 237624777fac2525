import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { schemaSources } from '../../src/runtime/federation/sources.ts'
import { natsLogin } from '../../src/runtime/nats-login.ts'

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

it('the schema of a subgraph is asked for with the user in its address, as all else is', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.end('{"data":{"_service":{"sdl":"type Query { a: Int }"}}}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { config } = loadConfig({
    env: {},
    overrides: {
      federation: { subgraphs: [{ name: 'a', graphqlUrl: `http://user:p%40ss@127.0.0.1:${port}/` }] },
    },
  })
  const [source] = schemaSources(config, [])
  expect(await source?.read(new AbortController().signal)).toBe('type Query { a: Int }')
  expect(asked).toEqual([`Basic ${btoa('user:p@ss')}`])
})
