import { describe, expect, it, test } from 'vitest'
import { createCursors } from '../../src/graph/live/cursors.ts'
import { sharedCursorKey } from '../../src/graph/live/cursor-key.ts'
import type { Topic } from '../../src/graph/live/topic.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import {
  EVENTS_OF,
  ORDERS_CHANGED,
  ORDER_CHANGED,
  overEventStream,
  overWebSocket,
  wsClient,
} from './clients.ts'
import { openLog } from './log.ts'
import { openService } from './replica.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

async function topicIn(namespace: string): Promise<Topic> {
  const log = await openLog(stack().nc, namespace)
  return { log, aggregate: 'order', id: undefined, identity: 'all orders' }
}

describe('a cursor', () => {
  it('is read again by whoever has the key, and says nothing to others', async () => {
    const topic = await topicIn(uniqueName())
    const cursors = createCursors('secret')
    for (const point of [
      { sequence: 0, index: undefined },
      { sequence: Number.MAX_SAFE_INTEGER, index: 0 },
      { sequence: 7, index: 4_000_000_000 },
    ]) {
      const cursor = cursors.encode(topic, point)
      expect(createCursors('secret').decode(topic, cursor)).toEqual(point)
      expect(() => createCursors('other').decode(topic, cursor)).toThrow(
        expect.objectContaining({ code: 'BAD_CURSOR' }),
      )
    }
  })

  it('is refused with any bit of it changed, and whatever is put to it or taken from it', async () => {
    const topic = await topicIn(uniqueName())
    const cursors = createCursors('secret')
    const cursor = cursors.encode(topic, { sequence: 42, index: 1 })
    const bytes = Buffer.from(cursor, 'base64url')
    const forged = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      return copy.toString('base64url')
    })
    const bad = [
      ...forged,
      `${cursor}A`,
      ` ${cursor}`,
      cursor.slice(0, -1),
      '',
      'now',
      `${cursor}=`,
      cursor.repeat(1000),
    ]
    for (const one of bad)
      expect(() => cursors.decode(topic, one)).toThrow(
        expect.objectContaining({ code: 'BAD_CURSOR', status: 400 }),
      )
  })

  it('is of one subscription, and of one stream as long as that lives', async () => {
    const namespace = uniqueName()
    const topic = await topicIn(namespace)
    const cursors = createCursors('secret')
    const cursor = cursors.encode(topic, { sequence: 42, index: undefined })
    expect(() => cursors.decode({ ...topic, identity: 'another' }, cursor)).toThrow(/another subscription/)
    await request(stack().nc, `$JS.API.STREAM.DELETE.${topic.log.stream}`)
    const anew = await topicIn(namespace)
    expect(() => cursors.decode(anew, cursor)).toThrow(expect.objectContaining({ code: 'CURSOR_EXPIRED' }))
  })
})

test('of processes that make the key at the same time, all have the same, and again later (1 fault)', async () => {
  const options = { nc: stack().nc, bucket: uniqueName(), replicas: 1, storage: 'file' } as const
  const keys = await Promise.all(Array.from({ length: 8 }, () => sharedCursorKey(options)))
  await stack().stopNats()
  await stack().startNats()
  await until('the connection to be back', () =>
    stack()
      .nc.rtt()
      .catch(() => false as const),
  )
  keys.push(await sharedCursorKey(options))
  const texts = new Set(keys.map((key) => Buffer.from(key).toString('hex')))
  expect([...texts]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
})

test('what is wrong with a cursor is said over either transport, with a code, and nothing else is', async () => {
  const { write, url, wsUrl } = await openService(stack())
  await write('o-1')
  const client = wsClient(wsUrl)
  const told = overWebSocket(client, ORDER_CHANGED, { id: 'o-1' })
  await told.came(1)
  const cursor = told.payloads[0]?.cursor ?? ''
  const codeOf = async (query: string, variables: object) => {
    const told = [
      overWebSocket(client, query, { ...variables }),
      overEventStream(url, query, { ...variables }),
    ]
    await Promise.all(told.map((one) => one.ending()))
    const codes = new Set(told.flatMap(({ errors }) => errors.map(({ extensions }) => extensions?.code)))
    expect(told.flatMap(({ payloads }) => payloads)).toEqual([])
    return [...codes].join()
  }
  const other = cursor[10] === 'x' ? 'y' : 'x'
  const forged = `${cursor.slice(0, 10)}${other}${cursor.slice(11)}`
  expect(await codeOf(ORDER_CHANGED, { id: 'o-1', after: forged })).toBe('BAD_CURSOR')
  expect(await codeOf(ORDER_CHANGED, { id: 'o-2', after: cursor })).toBe('BAD_CURSOR')
  expect(await codeOf(EVENTS_OF, { aggregate: 'order', id: 'o-1', after: cursor })).toBe('BAD_CURSOR')
  expect(await codeOf(ORDERS_CHANGED, { after: cursor })).toBe('BAD_CURSOR')
  expect(await codeOf(ORDER_CHANGED, { id: 'o.1' })).toBe('BAD_USER_INPUT')
  expect(await codeOf(EVENTS_OF, { aggregate: 'nothing' })).toBe('BAD_USER_INPUT')
})

test('a cursor that the log has not come to is refused', async () => {
  const { write, wsUrl, live } = await openService(stack(), { cursorKey: 'secret' })
  await write('o-1')
  const topic = live.topic('eventsOf', 'order')
  const client = wsClient(wsUrl)
  const at = (sequence: number) =>
    overWebSocket(client, EVENTS_OF, {
      aggregate: 'order',
      after: live.cursorOf(topic, { sequence, index: undefined }),
    })
  const beyond = at(2)
  await beyond.ending()
  expect(beyond.errors.map(({ extensions }) => extensions?.code)).toEqual(['CURSOR_AHEAD'])
  const end = at(1)
  const [id] = await write('o-1')
  await end.came(1)
  expect(end.ids()).toEqual([id])
})

test('a filter that would be much to look at for every event is refused', async () => {
  const { wsUrl } = await openService(stack())
  const statusIn = Array.from({ length: 2000 }, () => 'SHIPPED')
  const told = overWebSocket(wsClient(wsUrl), ORDERS_CHANGED, { filter: { statusIn } })
  await told.ending()
  expect(told.errors).toMatchObject([
    { message: expect.stringMatching(/^filter: /), extensions: { code: 'BAD_USER_INPUT' } },
  ])
})

test('a filter that says the same takes the cursor, another does not', async () => {
  const { wsUrl, write } = await openService(stack())
  const client = wsClient(wsUrl)
  const told = overWebSocket(client, ORDERS_CHANGED, { filter: { totalMin: '1', currency: 'EUR' } })
  await told.came(1)
  const after = told.lastCursor
  const same = overWebSocket(client, ORDERS_CHANGED, {
    filter: { currency: 'EUR', status: null, totalMin: '1' },
    after,
  })
  await write('o-1')
  await same.came(1)
  const other = overWebSocket(client, ORDERS_CHANGED, { filter: { currency: 'USD', totalMin: '1' }, after })
  await other.ending()
  expect(other.errors[0]?.extensions?.code).toBe('BAD_CURSOR')
})
