import { describe, expect, it } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { until } from '../support/until.ts'
import {
  EVENTS_OF,
  ORDERS_CHANGED,
  ORDER_CHANGED,
  overEventStream,
  overWebSocket,
  wsClient,
} from './clients.ts'
import { openService } from './replica.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

describe('orderChanged', () => {
  it('tells the state first, then each event with the state that it left behind', async () => {
    const { write, wsUrl } = await openService(stack())
    await write('o-1', 2)
    const told = overWebSocket(wsClient(wsUrl), ORDER_CHANGED, { id: 'o-1' })
    await told.came(1)
    const [third] = await write('o-1')
    await told.came(2)
    expect(told.payloads).toEqual([
      {
        type: 'STATE',
        cursor: expect.any(String),
        event: null,
        order: { id: 'o-1', status: 'CONFIRMED', version: 2, total: '12.50' },
      },
      {
        type: 'EVENT',
        cursor: expect.any(String),
        event: { id: third, type: 'order.shipped', version: 3 },
        order: { id: 'o-1', status: 'SHIPPED', version: 3, total: '12.50' },
      },
    ])
    expect(told.errors).toEqual([])
  })

  it('follows one that is not there yet', async () => {
    const { write, url } = await openService(stack())
    const told = overEventStream(url, ORDER_CHANGED, { id: 'o-9' })
    expect(await told.came(1)).toMatchObject([{ type: 'STATE', event: null, order: null }])
    await write('o-8')
    await write('o-9')
    expect((await told.came(2))[1]).toMatchObject({ order: { id: 'o-9', status: 'CREATED' } })
  })

  it('goes on after any cursor, also in the middle of a commit, with the state of that time', async () => {
    const { write, wsUrl } = await openService(stack())
    const ids = [...(await write('o-1', 3)), ...(await write('o-1', 1))]
    const client = wsClient(wsUrl)
    const all = overWebSocket(client, EVENTS_OF, { aggregate: 'order', id: 'o-1', fromStart: true })
    await all.came(4)
    expect(all.ids()).toEqual(ids)
    all.stop()
    for (const [index, { cursor }] of [...all.payloads].entries()) {
      const rest = overWebSocket(client, EVENTS_OF, { aggregate: 'order', id: 'o-1', after: cursor })
      const [last] = await write('o-1')
      ids.push(last ?? '')
      await rest.came(ids.length - index - 1)
      expect(rest.ids()).toEqual(ids.slice(index + 1))
      rest.stop()
    }
    const states = overWebSocket(client, ORDER_CHANGED, { id: 'o-1' })
    const [{ cursor } = {}] = await states.came(1)
    await write('o-1', 2)
    const late = overWebSocket(client, ORDER_CHANGED, { id: 'o-1', after: cursor })
    await late.came(2)
    expect(late.payloads.map(({ order }) => order?.['version'])).toEqual([ids.length + 1, ids.length + 2])
  })
})

describe('ordersChanged', () => {
  it('tells the state of those that fit, a bookmark, then the events after which they fit', async () => {
    const { write, url, projected } = await openService(stack())
    await write('o-1', 1, { total: '10.00' })
    await write('o-2', 1, { total: '9.99' })
    const [id] = await write('o-3', 2, { total: '100.00' })
    expect(id).toBeDefined()
    await projected()
    const told = overEventStream(url, ORDERS_CHANGED, { filter: { totalMin: '10', status: 'CREATED' } })
    expect(await told.came(2)).toMatchObject([
      { type: 'STATE', cursor: null, order: { id: 'o-1' } },
      { type: 'BOOKMARK', cursor: expect.any(String), event: null, order: null },
    ])
    await write('o-1')
    await write('o-4', 1, { total: '9.00' })
    await write('o-5', 1, { total: '10.01' })
    expect((await told.came(3))[2]).toMatchObject({ type: 'EVENT', order: { id: 'o-5', version: 1 } })
    expect(told.errors).toEqual([])
  })
})

describe('what is no event of this release', () => {
  it('does not end a subscription: an unknown one comes with its error, what is no commit is passed over', async () => {
    const { write, wsUrl, nc, namespace, log, projected } = await openService(stack())
    const [first] = await write('o-1')
    await projected()
    const client = wsClient(wsUrl)
    const live = overWebSocket(client, ORDERS_CHANGED)
    const [, { cursor } = {}] = await live.came(2)
    await request(nc, eventSubject(namespace, 'order', 'o-2'), 'garbage')
    await write('o-1', 2)
    const known = await log.read.leaderLast(eventSubject(namespace, 'order', 'o-1'))
    const from = known?.position.sequence ?? 0
    const [event] = known?.events ?? []
    if (!event) throw new Error('nothing was written')
    const unknown = { ...event, id: 'unknown', type: 'order.teleported', sequence: 4 }
    await log.append({ subject: eventSubject(namespace, 'order', 'o-1'), expected: from, events: [unknown] })
    const [last] = await write('o-3')
    const late = overWebSocket(client, ORDERS_CHANGED, { after: cursor })
    for (const told of [live, late]) {
      await until('the last event', async () => told.ids().at(-1) === last)
      expect(told.ids()).not.toContain(first)
      const events = told.payloads.filter(({ type }) => type === 'EVENT')
      expect(events).toMatchObject([
        { event: { version: 2 } },
        { event: { version: 3 } },
        { event: null, order: null, cursor: expect.any(String) },
        { event: { id: last } },
      ])
      const paths = told.errors.map(({ path, extensions }) => [path?.at(-1), extensions?.code])
      expect(new Set(paths)).toEqual(
        new Set([
          ['event', 'UNKNOWN_EVENT'],
          ['order', 'UNKNOWN_EVENT'],
        ]),
      )
    }
  })
})

describe('the first payload of ordersChanged', () => {
  it('is refused with the limit when more fit than may be told at once', async () => {
    const { write, url, projected } = await openService(stack(), { live: { maxState: 2 } })
    for (const id of ['o-1', 'o-2', 'o-3']) await write(id)
    await projected()
    const all = overEventStream(url, ORDERS_CHANGED)
    await all.ending()
    expect(all.errors).toMatchObject([{ extensions: { code: 'STATE_TOO_LARGE', status: 400 } }])
    const some = overEventStream(url, ORDERS_CHANGED, { filter: { status: 'SHIPPED' } })
    expect(await some.came(1)).toMatchObject([{ type: 'BOOKMARK' }])
  })

  it('is exact while others write: state and events together come to every version once', async () => {
    const { keepWriting, wsUrl } = await openService(stack())
    const ids = Array.from({ length: 8 }, (_, index) => `o-${index}`)
    const stop = keepWriting(ids)
    const client = wsClient(wsUrl)
    for (let round = 0; round < 5; round++) {
      const told = overWebSocket(client, ORDERS_CHANGED)
      await told.came(40)
      told.stop()
      const versions = new Map<string, number>()
      for (const { type, order } of told.payloads) {
        if (!order) continue
        const id = String(order['id'])
        const version = Number(order['version'])
        if (type === 'EVENT') expect(version).toBe((versions.get(id) ?? 0) + 1)
        versions.set(id, version)
      }
    }
    await stop()
  })
})

it('tells who selects no state the same events, and gives each payload a context of its own', async () => {
  const { write, wsUrl, contextsMade } = await openService(stack())
  const told = overWebSocket(
    wsClient(wsUrl),
    'subscription { orderChanged(id: "o-1") { type cursor event { id version } } }',
  )
  await told.came(1)
  const before = contextsMade()
  const ids = await write('o-1', 3)
  await told.came(4)
  expect(told.ids()).toEqual(ids)
  expect(contextsMade()).toBe(before + 3)
})
