import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { EVENTS_OF, ORDER_CHANGED, overEventStream, overWebSocket, wsClient } from './clients.ts'
import { openService } from './replica.ts'

const stack = stackOfFile()
const DEEP =
  '{ a: order(id: "o-1") { customer { orders { nodes { customer { orders { nodes { customer { id } } } } } } } } }'
const PROTOCOL = 'graphql-transport-ws'

function socketTo(url: string, protocol: string[] = [PROTOCOL], options = {}) {
  const socket = new WebSocket(url, protocol, options)
  onTestFinished(() => socket.terminate())
  return socket
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const parsed = z.tuple([z.number(), z.instanceof(Buffer)]).parse(await once(socket, 'close'))
  return { code: parsed[0], reason: parsed[1].toString() }
}

/** The status that an upgrade is refused with. */
async function refusalOf(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined)
  const [, response] = z
    .tuple([z.unknown(), z.looseObject({ statusCode: z.number() })])
    .parse(await once(socket, 'unexpected-response'))
  return response.statusCode
}

async function post(url: string, body: object, accept = 'text/event-stream') {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(body),
  })
}

describe('over WebSocket', () => {
  it('queries are answered, and limits hold', async () => {
    const { wsUrl } = await openService(stack())
    const client = wsClient(wsUrl)
    const results: unknown[] = []
    for await (const result of client.iterate({ query: '{ order(id: "o-1") { id } }' })) results.push(result)
    expect(results).toEqual([{ data: { order: null } }])
    for (const [query, code] of [
      [DEEP, 'QUERY_TOO_DEEP'],
      ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
      ['{', 'GRAPHQL_PARSE_FAILED'],
      ['subscription ($id: ID!) { orderChanged(id: $id) { cursor } }', 'BAD_USER_INPUT'],
      [
        'subscription { a: orderChanged(id: "a") { cursor } b: orderChanged(id: "b") { cursor } }',
        'GRAPHQL_VALIDATION_FAILED',
      ],
    ] as const) {
      const told = overWebSocket(client, query)
      await told.ending()
      expect(told.errors.map(({ extensions }) => extensions?.code)).toEqual([code])
    }
  })

  it('a connection has a bounded number of operations, and goes on with those', async () => {
    const { wsUrl, write } = await openService(stack(), { transport: { maxOperations: 2 } })
    const client = wsClient(wsUrl)
    const one = overWebSocket(client, EVENTS_OF, { aggregate: 'order' })
    const two = overWebSocket(client, EVENTS_OF, { aggregate: 'order' })
    await Promise.all([one.came(1), two.came(1)])
    const three = overWebSocket(client, EVENTS_OF, { aggregate: 'order' })
    await three.ending()
    expect(three.errors[0]?.extensions?.code).toBe('TOO_MANY_OPERATIONS')
    two.stop()
    await write('o-1')
    await one.came(2)
    const four = overWebSocket(client, EVENTS_OF, { aggregate: 'order' })
    await four.came(1)
  })

  /** A client that keeps to no order. */
  async function rawClient(wsUrl: string) {
    const socket = socketTo(wsUrl)
    const told: string[] = []
    socket.on('message', (data) => void told.push(z.instanceof(Buffer).parse(data).toString()))
    await once(socket, 'open')
    const send = (type: string, id?: string, payload?: object) =>
      socket.send(JSON.stringify({ type, id, payload }))
    send('connection_init')
    await until('the connection to be acknowledged', async () => told.length === 1)
    return { socket, send, told }
  }
  const ALL = { query: EVENTS_OF, variables: { aggregate: 'order' } }

  it('an id that is taken again while it is ended leaves nothing behind', async () => {
    const { wsUrl, live } = await openService(stack())
    const { socket, send, told } = await rawClient(wsUrl)
    send('subscribe', 'same', ALL)
    send('complete', 'same')
    send('subscribe', 'same', ALL)
    await until('both to be told', async () => told.length === 3)
    await until('somebody to sit', async () => live.size().seats > 0)
    socket.close()
    await once(socket, 'close')
    await until('nobody to sit', async () => live.size().seats === 0 && live.size().feeds === 0)
  })

  it('ending what has not begun yet is no way past the number of operations', async () => {
    const { wsUrl, contextsMade } = await openService(stack(), { transport: { maxOperations: 2 } })
    const { send, told } = await rawClient(wsUrl)
    for (let count = 0; count < 5; count++) {
      send('subscribe', `id-${count}`, ALL)
      send('complete', `id-${count}`)
    }
    let probes = 0
    await until('there to be room again', async () => {
      send('subscribe', `probe-${++probes}`, { query: '{ nothing }' })
      return told.some((message) => message.includes('GRAPHQL_VALIDATION_FAILED'))
    })
    expect(contextsMade()).toBe(2)
  })

  it('there is a bounded number of connections, and the place of one that has gone is free', async () => {
    const { wsUrl } = await openService(stack(), { transport: { maxConnections: 1 } })
    const first = socketTo(wsUrl)
    await once(first, 'open')
    expect(await refusalOf(socketTo(wsUrl))).toBe(503)
    first.close()
    await once(first, 'close')
    await once(socketTo(wsUrl), 'open')
  })

  it('pages of other sites, other paths and other protocols are refused', async () => {
    const { wsUrl, url } = await openService(stack())
    expect(await refusalOf(socketTo(wsUrl, [PROTOCOL], { origin: 'https://evil.example' }))).toBe(403)
    expect(await refusalOf(socketTo(wsUrl, [PROTOCOL], { origin: 'null' }))).toBe(403)
    expect(await refusalOf(socketTo(wsUrl.replace('/graphql', '/other')))).toBe(404)
    expect((await closeOf(socketTo(wsUrl, []))).code).toBe(4406)
    await once(socketTo(wsUrl, [PROTOCOL], { origin: new URL(url).origin }), 'open')
  })

  it('an address that is none ends that connection, and nothing else', async () => {
    const { url, wsUrl } = await openService(stack())
    for (const address of ['//', 'http://[', '//graphql:x/graphql', 'graphql']) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      socket.write(
        `GET ${address} HTTP/1.1\r\nHost: any\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      )
      const [answer]: unknown[] = await once(socket, 'data')
      expect(String(answer)).toMatch(/^HTTP\/1\.1 4\d\d /)
    }
    await once(socketTo(wsUrl), 'open')
  })

  it('who says nothing, too much, or nonsense is sent away', async () => {
    const hasty = await openService(stack(), { transport: { initTimeoutMs: 50 } })
    expect((await closeOf(socketTo(hasty.wsUrl))).code).toBe(4408)
    const { wsUrl } = await openService(stack(), { transport: { maxPayload: 1000 } })
    const large = socketTo(wsUrl)
    await once(large, 'open')
    large.send(JSON.stringify({ type: 'connection_init', payload: { much: 'x'.repeat(2000) } }))
    expect((await closeOf(large)).code).toBe(1009)
    const nonsense = socketTo(wsUrl)
    await once(nonsense, 'open')
    nonsense.send('nonsense')
    expect((await closeOf(nonsense)).code).toBe(4400)
  })

  it('who is not there any more, or asks and asks and reads nothing, is cut off', async () => {
    const { wsUrl } = await openService(stack(), { transport: { keepAliveMs: 50, maxUnsent: 10_000 } })
    const silent = socketTo(wsUrl, [PROTOCOL], { autoPong: false })
    expect((await closeOf(silent)).code).toBe(1006)
    const { wsUrl: other } = await openService(stack(), { transport: { maxUnsent: 10_000 } })
    const flooding = socketTo(other)
    await once(flooding, 'open')
    flooding.pause()
    const ping = JSON.stringify({ type: 'ping', payload: { much: 'x'.repeat(50_000) } })
    const closed = once(flooding, 'close')
    flooding.on('error', () => undefined)
    let sent = 0
    // It hears of its end only in writing, since it does not read.
    await until('to be cut off', async () => {
      for (let count = 0; count < 100 && flooding.readyState === flooding.OPEN; count++, sent++)
        flooding.send(ping)
      flooding.resume()
      flooding.pause()
      return flooding.readyState !== flooding.OPEN
    })
    flooding.resume()
    await closed
    expect(sent).toBeGreaterThan(0)
  })

  it('the end of the server is 1001 for everybody', async () => {
    const service = await openService(stack())
    const sockets: WebSocket[] = []
    const client = wsClient(service.wsUrl, sockets)
    const told = overWebSocket(client, ORDER_CHANGED, { id: 'o-1' })
    await told.came(1)
    const ends = [closeOf(sockets[0] ?? socketTo(''))]
    await service.app.close()
    expect(await Promise.all(ends)).toEqual([{ code: 1001, reason: 'Going away' }])
    await until('the feeds to end', async () => service.live.size().feeds === 0)
  })
})

describe('over server-sent events', () => {
  it('a query is one event and the end', async () => {
    const { url } = await openService(stack())
    const response = await post(url, { query: '{ order(id: "o-1") { id } }' })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"order":null}}\n\nevent: complete\ndata: \n\n',
    )
  })

  it('a subscription can be sent with GET, a mutation cannot', async () => {
    const { url, write } = await openService(stack())
    await write('o-1')
    const get = (query: string) =>
      fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: { accept: 'text/event-stream' } })
    const response = await get('subscription { orderChanged(id: "o-1") { order { status } } }')
    const reader = response.body?.getReader()
    let text = ''
    while (!text.includes('CREATED')) text += Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(text).toContain('event: next\ndata: {"data":{"orderChanged":{"order":{"status":"CREATED"}}}}\n\n')
    await reader?.cancel()
    const refused = await get('mutation { confirmOrder(id: "o-1") { version } }')
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('POST')
  })

  it('limits hold, and who asks for JSON gets JSON', async () => {
    const { url } = await openService(stack(), { transport: { maxConnections: 1 } })
    const deep = await post(url, { query: DEEP })
    expect(deep.status).toBe(400)
    expect(await deep.json()).toMatchObject({ errors: [{ extensions: { code: 'QUERY_TOO_DEEP' } }] })
    const json = await post(url, { query: '{ order(id: "o-1") { id } }' }, 'application/json')
    expect(await json.json()).toEqual({ data: { order: null } })
    const first = overEventStream(url, ORDER_CHANGED, { id: 'o-1' })
    await first.came(1)
    const refused = await post(url, { query: '{ order(id: "o-1") { id } }' })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_CONNECTIONS' } }] })
  })

  it('who has gone is forgotten, and the end of the server completes the others', async () => {
    const service = await openService(stack())
    const gone = overEventStream(service.url, ORDER_CHANGED, { id: 'o-1' })
    const there = overEventStream(service.url, ORDER_CHANGED, { id: 'o-1' })
    await until('both to sit', async () => service.live.size().seats === 2)
    gone.stop()
    await until('one to go', async () => service.live.size().seats === 1)
    await service.app.close()
    await there.ending()
    expect(there.errors).toEqual([])
    await until('the feeds to end', async () => service.live.size().feeds === 0)
  })
})
