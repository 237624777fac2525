import * as fc from 'fast-check'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Served, serveOn } from '../security/serve.ts'
import { stackOfFile } from '../support/stack.ts'
import { errorLog, expectGraphql, untilReady } from './answers.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddText } from './hostile.ts'

const stack = stackOfFile()
const log = errorLog()
let service: Served
beforeAll(async () => {
  service = await serveOn(stack(), {
    logger: log.logger,
    overrides: { http: { graphiql: false } },
    untilTestEnds: false,
  })
}, 60_000)
afterAll(async () => {
  await service?.stop()
}, 60_000)

async function expectUnharmed(): Promise<void> {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ orders { nodes { id } } }"}',
  })
  expect(expectGraphql(await response.text())).toHaveProperty('data')
  await untilReady(service.origin)
  expect(log.take()).toEqual([])
}

const INSIDE = /\n\s+at |node_modules|\/src\/|node:internal|127\.0\.0\.1/

const MEDIA_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'APPLICATION/JSON;;;',
  'application/graphql',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '',
]
const ACCEPT = [
  '*/*',
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'text/html',
  'application/json;q=0, */*;q=NaN',
  `${'a/b,'.repeat(2000)}c/d`,
  '',
]
/** What a header may have in it over a real connection. */
const headerText = oddText.map((text) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 2000))
const PATHS = [
  '/graphql',
  '/graphql/',
  '//graphql',
  '/graphql//',
  '/./graphql',
  '/GRAPHQL',
  '/graphql?query',
  '/graphql?query=%ff',
  '/graphql?query=%7B__typename%7D&variables=%7B',
  '/graphql?query[]=a&query[]=b',
  '/graphql?__proto__=1',
  '/health/ready',
  '/health/live/../ready',
  '/health',
  '/%',
  '/%00',
  '//',
  '/..%2f..%2fetc/passwd',
  '/graphiql/../../etc/passwd',
]

interface Raw {
  method: string
  path: string
  headers: [string, string][]
  body: Buffer
}

/** Sends a request as it is, on a connection of its own. */
async function send({ method, path, headers, body }: Raw): Promise<string> {
  const { hostname, port } = new URL(service.origin)
  const socket = connect({ host: hostname, port: Number(port) })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('error', () => undefined)
  const lines = [['Host', 'a'], ['Connection', 'close'], ...headers].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`)
  socket.end(body)
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString()
}

const request: fc.Arbitrary<Raw> = fc.record({
  method: fc.constantFrom(
    'POST',
    'POST',
    'GET',
    'PUT',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'PROPFIND',
    'FOO',
  ),
  path: fc.oneof(
    { weight: 6, arbitrary: fc.constant('/graphql') },
    fc.constantFrom(...PATHS),
    fc.webUrl({ withQueryParameters: true }).map((url) => url.slice(url.indexOf('/', 9)) || '/'),
    headerText.map((text) => `/${text.replaceAll(' ', '%20')}`),
  ),
  headers: fc
    .tuple(
      fc.constantFrom(...MEDIA_TYPES),
      fc.constantFrom(...ACCEPT),
      fc.array(
        fc.tuple(
          fc.constantFrom(
            'Headwater-At-Least',
            'Correlation-Id',
            'traceparent',
            'Origin',
            'Upgrade',
            'If-None-Match',
            'Transfer-Encoding',
            'Content-Encoding',
            'apollo-federation-include-trace',
            'X-Forwarded-For',
          ),
          fc.oneof(
            headerText,
            fc.constantFrom(
              'ORDERS=1',
              'ORDERS=99999999999999999999',
              'chunked',
              'gzip',
              'websocket',
              'ftv1',
            ),
          ),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([type, accept, more]) => [['Content-Type', type], ['Accept', accept], ...more]),
  body: fc.oneof(
    { weight: 3, arbitrary: fc.constant(Buffer.from('{"query":"{ __typename }"}')) },
    oddJson.map((text) => Buffer.from(text)),
    oddJson.map((text) => Buffer.from(`{"query":${text}}`)),
    oddJson.map((text) =>
      Buffer.from(`{"query":"query ($a: ID!) { order(id: $a) { id } }","variables":${text}}`),
    ),
    oddJson.map((text) =>
      Buffer.from(`{"query":"{ __typename }","extensions":${text},"operationName":${text}}`),
    ),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.alloc(2 * 1024 * 1024, 0x20)),
  ),
})

describe('whatever comes over HTTP is answered, and nothing of the inside is told', () => {
  it('requests of any kind', async () => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 6, maxLength: 6 }), async (requests) => {
        for (const answer of await Promise.all(requests.map(send))) {
          // A body that is cut short, or too long, may end the connection before its answer is read.
          if (answer === '') continue
          const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
          statuses.add(status)
          expect(status).toBeLessThan(500)
          expect(answer).not.toMatch(INSIDE)
          const [head = '', ...rest] = answer.split('\r\n\r\n')
          const body = rest.join('\r\n\r\n')
          if (
            /content-type: application\/(graphql-response\+)?json/i.test(head) &&
            body.startsWith('{"errors"')
          )
            expectGraphql(body)
        }
        expect(log.take()).toEqual([])
      }),
      runs(120),
    )
    expect([200, 400, 404, 405, 406, 413, 415].filter((status) => !statuses.has(status))).toEqual([])
    await expectUnharmed()
  })

  it('frames of a WebSocket', async () => {
    const frame = fc.oneof(
      oddJson,
      oddText,
      oddJson.map((text) => `{"type":"connection_init","payload":${text}}`),
      oddJson.map((text) => `{"id":"1","type":"subscribe","payload":${text}}`),
      oddJson.map(
        (text) => `{"id":"2","type":"subscribe","payload":{"query":"{ __typename }","variables":${text}}}`,
      ),
      oddJson.map((text) => `{"id":${text},"type":"complete"}`),
      fc.constantFrom(
        '{"type":"ping"}',
        '{"type":"connection_init"}',
        '{"id":"1","type":"subscribe","payload":{"query":"subscription { orderChanged(id: \\"a\\", after: \\"zzzz\\") { cursor } }"}}',
        `{"id":"1","type":"subscribe","payload":{"query":"{${'a{'.repeat(5000)}"}}`,
      ),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(frame, { minLength: 1, maxLength: 6 }),
        async (begins, frames) => {
          const socket = new WebSocket(service.url.replace('http', 'ws'), 'graphql-transport-ws')
          const told: string[] = []
          socket.on('message', (data: Buffer) => void told.push(data.toString()))
          socket.on('error', () => undefined)
          await once(socket, 'open')
          const all = begins ? ['{"type":"connection_init"}', ...frames] : frames
          const closed = once(socket, 'close')
          for (const one of all) if (socket.readyState === socket.OPEN) socket.send(one)
          // Whatever has been said before is answered when this is, or the connection is ended for it.
          if (socket.readyState === socket.OPEN) socket.ping()
          await Promise.race([closed, once(socket, 'pong')])
          socket.close()
          const [code, reason] = await closed
          expect(code).not.toBe(1011)
          expect(code).not.toBe(4500)
          expect(`${String(reason)}${told.join()}`).not.toMatch(INSIDE)
          expect(told.join()).not.toContain('"INTERNAL"')
          expect(log.take()).toEqual([])
        },
      ),
      runs(60),
    )
    await expectUnharmed()
  })
})
