import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { createGraphHttp } from '../../src/graph/serve.ts'
import { rowsSchema } from '../limits/serving.ts'
import { type Served, gatewayBefore, serveOn } from './serve.ts'
import { pino } from 'pino'
import { request } from '../support/requests.ts'

const stack = stackOfFile()
const http = { requestTimeoutMs: 500 }
let service: Served
beforeAll(async () => {
  service = await serveOn(stack(), {
    overrides: {
      http: { ...http, graphiql: true },
      commands: { inFlightBytes: '200KB', bodyLimit: '150KB' },
      graph: { live: { initTimeoutMs: 300, keepAliveMs: 200 } },
    },
    untilTestEnds: false,
  })
})
afterAll(async () => {
  await service?.stop()
})

async function open(origin = service.origin): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Resolves when the other side has ended the connection, with all that it said. */
function ended(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data: Buffer) => void (text += data.toString()))
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

/** Not at the first try, where the loop that both sides share stood still for longer than a request may take. */
const alive = async (origin = service.origin) =>
  await until('it to be alive', async () => (await fetch(`${origin}/health/live`)).status === 200)

const HEAD = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

describe('a client that takes its time loses its connection', () => {
  it.each([
    ['says nothing', ''],
    ['does not end its head', `${HEAD}X: `],
    ['does not end its body', `${HEAD}Content-Length: 1000\r\n\r\n{`],
    ['does not end its body, in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
  ])('that %s', async (_, text) => {
    const socket = await open()
    const end = ended(socket)
    socket.write(text)
    // A byte now and then does not help.
    const dripping = setInterval(() => socket.write(text === '' ? '' : ' '), 50)
    onTestFinished(() => clearInterval(dripping))
    expect(await end).not.toContain('HTTP/1.1 200')
    await alive()
  })

  it('that does not read its answer', async () => {
    const socket = await open()
    // Nine megabytes: more than lies in the buffers between.
    socket.write('GET /graphiql HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'readable')
    socket.pause()
    const failed = new Promise((resolve) => socket.once('close', resolve))
    // Its own writes tell it that nobody is there any more; more seldom than the time that it has, for each begins that anew.
    const asking = setInterval(() => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 2000)
    onTestFinished(() => clearInterval(asking))
    await failed
    await alive()
  })

  it('of a gateway as well', async () => {
    const part = await serveOn(stack(), { overrides: { gateway: { enabled: false } } })
    const gateway = await gatewayBefore(part, {}, { http: { port: 0, ...http } })
    for (const path of ['/graphql', '/health/live']) {
      const socket = await open(gateway.origin)
      const end = ended(socket)
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
      )
      expect(await end).not.toContain('HTTP/1.1 200')
    }
    await alive(gateway.origin)
  })
})

describe('there are no more than so many', () => {
  it('connections: one more is closed, and those that are there are served', async () => {
    const app = createGraphHttp({
      schema: rowsSchema(),
      context: () => ({}),
      report: () => undefined,
      settings: {
        graphiql: false,
        introspection: true,
        bodyLimit: 1000,
        jit: 0,
        queryDepth: 5,
        connections: { requestTimeoutMs: 60_000, maxConnections: 3 },
      },
      logger: pino({ level: 'silent' }),
    })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(origin)))
    let closed = 0
    for (const socket of sockets) socket.once('close', () => closed++)
    await until('two to be closed', async () => closed === 2)
    const kept = sockets.filter((socket) => !socket.destroyed)
    const ends = kept.map(ended)
    for (const socket of kept)
      socket.write('GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    for (const answer of await Promise.all(ends)) expect(answer).toContain('world')
  })

  it('subscriptions of a process, over however many connections: one more is refused, and one that ends makes room', async () => {
    const served = await serveOn(stack(), { overrides: { graph: { live: { maxSubscriptions: 5 } } } })
    const clients = [1, 2].map(() =>
      createClient({ url: served.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 }),
    )
    onTestFinished(async () => {
      for (const client of clients) await client.dispose()
    })
    const told: string[] = []
    const stops = Array.from({ length: 8 }, (_, n) =>
      clients[n % 2]?.subscribe(
        { query: `subscription { orderChanged(id: "o-${n}") { type } }` },
        {
          next: (result) => void told.push(JSON.stringify(result)),
          error: (error) => void told.push(JSON.stringify(error)),
          complete: () => undefined,
        },
      ),
    )
    const refused = () => told.filter((one) => one.includes('TOO_MANY_SUBSCRIPTIONS')).length
    await until('three to be refused', async () => refused() === 3)
    await until('the states of the others', async () => told.length >= 8)
    expect(refused()).toBe(3)
    for (const stop of stops) stop?.()
    told.length = 0
    await until('room for another one', async () => {
      let refusal: string | undefined
      let events = 0
      const stop = clients[0]?.subscribe(
        { query: 'subscription { eventsOf(aggregate: "customer", id: "room", fromStart: true) { type } }' },
        {
          next: () => void events++,
          error: (error) => void (refusal = JSON.stringify(error)),
          complete: () => undefined,
        },
      )
      const data = { city: 'Faro', state: 'FA', postalCode: '8000' }
      await served.sender.send({ aggregate: 'customer', id: 'room', command: 'register', data })
      await until('an event or a refusal', async () => events > 0 || refusal !== undefined)
      stop?.()
      return refusal === undefined
    })
  })

  it('bytes of commands in work: one more is told to come again', async () => {
    const { nc } = stack()
    const data = (sku: string) =>
      JSON.stringify({
        customerId: 'c',
        currency: 'EUR',
        items: [{ sku, quantity: 1, unitPrice: '1.00' }],
        note: 'x'.repeat(100_000),
      })
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        request(nc, `${service.namespace}.cmd.order.big-${n}.create`, data('tea')),
      ),
    )
    const codes = replies.map((reply) => reply.json<{ ok: boolean; code?: string }>().code ?? 'accepted')
    expect(codes).toContain('accepted')
    expect(codes.filter((code) => code !== 'accepted')).toContain('OVERLOADED')
    const after = await nc.request(`${service.namespace}.cmd.order.big-after.create`, data('tea'), {
      timeout: 50_000,
    })
    expect(after.json<{ ok: boolean }>().ok).toBe(true)
  })
})

it('a WebSocket that is half open, or says nothing, is ended', async () => {
  const mute = new WebSocket(service.url.replace('http', 'ws'), 'graphql-transport-ws')
  const [code] = await once(mute, 'close')
  expect(code).toBe(4408)
  const socket = await open()
  socket.write(
    'GET /graphql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  )
  // It never answers a ping.
  expect(await ended(socket)).toContain('101 Switching Protocols')
  await alive()
})
