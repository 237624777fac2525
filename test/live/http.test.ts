import { GraphQLError, buildSchema } from 'graphql/index.js'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createGraphHttp } from '../../src/graph/serve.ts'
import { overEventStream, overWebSocket, wsClient } from './clients.ts'

/** A graph whose live operations all fail, and what it logs. */
async function serve() {
  const logged: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      logged.push(String(chunk))
      done()
    },
  })
  const app = createGraphHttp({
    schema: buildSchema('type Query { hello: String }'),
    context: () => ({}),
    report: () => undefined,
    live: {
      settings: { initTimeoutMs: 60_000 },
      context: () => ({}),
      run: async () => ({
        errors: [new GraphQLError('secret', { originalError: new Error('secret') })],
      }),
    },
    settings: { graphiql: false, introspection: true, bodyLimit: 100_000, jit: 0, queryDepth: 12 },
    logger: pino({ level: 'error' }, stream),
  })
  onTestFinished(() => app.close())
  const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
  return { url, logged }
}

test.each(['PUT', 'PATCH', 'DELETE'])('%s runs nothing, whatever it accepts', async (method) => {
  const { url } = await serve()
  const answer = await fetch(`${url}?query={hello}`, { method, headers: { accept: 'text/event-stream' } })
  expect(answer.status).toBe(405)
  expect(await answer.text()).toContain('METHOD_NOT_ALLOWED')
})

test('HEAD opens no stream', async () => {
  const { url } = await serve()
  const answer = await fetch(`${url}?query={hello}`, {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' },
  })
  expect(answer.headers.get('content-type')).not.toContain('text/event-stream')
})

test('what failed is in the log under the id that the client is told', async () => {
  const { url, logged } = await serve()
  const told = [
    overEventStream(url, '{ hello }'),
    overWebSocket(wsClient(url.replace('http', 'ws')), '{ hello }'),
  ]
  for (const one of told) {
    await one.ending()
    const id = one.errors[0]?.extensions?.['requestId']
    expect(id).toEqual(expect.any(String))
    expect(logged.filter((line) => line.includes(`"reqId":"${String(id)}"`))).toHaveLength(1)
    expect(JSON.stringify(one.errors)).not.toContain('secret')
  }
})
