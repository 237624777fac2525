import fastify from 'fastify'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { endUnusedConnections } from '../../src/graph/http/unused-connections.ts'

it('does not wait for a connection on which nothing was ever asked', async () => {
  const app = fastify()
  endUnusedConnections(app)
  app.get('/', () => 'here')
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const socket = connect(Number(url.port), url.hostname)
  await once(socket, 'connect')
  expect(await (await fetch(url)).text()).toBe('here')
  const ended = once(socket, 'close')
  const startedAt = performance.now()
  await app.close()
  await ended
  // Node itself lets it live for 60 s and more.
  expect(performance.now() - startedAt).toBeLessThan(30_000)
})
