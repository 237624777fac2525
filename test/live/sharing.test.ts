import { jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { createBacklog } from '../../src/graph/live/backlog.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { EVENTS_OF, ORDER_CHANGED, overEventStream, overWebSocket, wsClient } from './clients.ts'
import { type Replica, openService } from './replica.ts'

const stack = stackOfFile()

/** The consumers that there are on the server for exactly this subject. */
async function consumersOf({ nc, log }: Pick<Replica, 'nc' | 'log'>, subject: string): Promise<number> {
  const jsm = await jetstreamManager(nc, { timeout: 50_000 })
  let count = 0
  for await (const { config } of jsm.consumers.list(log.stream)) {
    if ([config.filter_subject, ...(config.filter_subjects ?? [])].includes(subject)) count++
  }
  return count
}

test('fifty clients of a subject share one consumer, and the last one takes it along', async () => {
  const service = await openService(stack())
  const { write, url, wsUrl, live, namespace } = service
  const subject = eventSubject(namespace, 'order', 'o-1')
  await write('o-1')
  const client = wsClient(wsUrl)
  const clients = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0
      ? overWebSocket(client, ORDER_CHANGED, { id: 'o-1' })
      : overEventStream(url, EVENTS_OF, { aggregate: 'order', id: 'o-1', fromStart: true }),
  )
  await Promise.all(clients.map((told) => told.came(1)))
  await until('all of them to sit at the feed', async () => live.size().seats === 50)
  expect(live.size()).toEqual({ feeds: 1, seats: 50 })
  expect(await consumersOf(service, subject)).toBe(1)
  const [id] = await write('o-1')
  await Promise.all(clients.map((told) => told.came(2)))
  for (const told of clients) expect(told.ids().at(-1)).toBe(id)
  for (const told of clients) told.stop()
  await until('the feed to end', async () => live.size().feeds === 0 && live.size().seats === 0)
  await until('the consumer to go', async () => (await consumersOf(service, subject)) === 0)
})

test('with as many consumers as there may be, clients of further aggregates share one', async () => {
  const { write, wsUrl, live } = await openService(stack(), { live: { maxFeeds: 3 } })
  const client = wsClient(wsUrl)
  const clients = Array.from({ length: 10 }, (_, index) =>
    overWebSocket(client, ORDER_CHANGED, { id: `o-${index}` }),
  )
  await until('all of them to sit', async () => live.size().seats === 10)
  expect(live.size().feeds).toBe(4)
  for (const [index, told] of clients.entries()) {
    const [id] = await write(`o-${index}`)
    await told.came(2)
    expect(told.ids()).toEqual([id])
  }
})

test('a client that does not read gets a bounded buffer, then an error with the cursor to go on from', async () => {
  const { write, wsUrl, live } = await openService(stack(), {
    live: { bufferCommits: 20 },
    // A client that reads nothing answers no ping either; here it is not to be given up for that.
    transport: { keepAliveMs: 600_000 },
  })
  // 100 kB each, so that what the network holds for it is soon full.
  const large = {
    items: Array.from({ length: 1500 }, (_, index) => ({
      sku: `s-${index}`,
      quantity: 1,
      unitPrice: '1.00',
    })),
  }
  const query = `subscription ($after: Cursor) { eventsOf(aggregate: "order", after: $after) { type cursor event { id version data } } }`
  const sockets: WebSocket[] = []
  const slow = overWebSocket(wsClient(wsUrl, sockets), query)
  await slow.came(1)
  await until('it to sit at the feed', async () => live.size().seats === 1)
  sockets[0]?.pause()
  const ids: string[] = []
  for (let index = 0; index < 300; index++) ids.push(...(await write(`o-${index}`, 1, large)))
  sockets[0]?.resume()
  await slow.ending()
  expect(slow.errors.map(({ extensions }) => extensions?.code)).toEqual(['SUBSCRIPTION_TOO_SLOW'])
  const after = slow.errors[0]?.extensions?.['cursor']
  expect(after).toBe(slow.lastCursor)
  expect(slow.ids().length).toBeLessThan(ids.length)
  const rest = overWebSocket(wsClient(wsUrl), query, { after })
  await rest.came(ids.length - slow.ids().length)
  expect([...slow.ids(), ...rest.ids()]).toEqual(ids)
})

test('a buffer never holds more than it may, and forgets all when it is full', async () => {
  const buffer = createBacklog<{ value: number }>({ items: 3, size: 100 })
  for (const value of [1, 2, 3]) buffer.push({ value }, 10)
  expect(await buffer.take()).toEqual({ value: 1 })
  buffer.push({ value: 4 }, 10)
  buffer.push({ value: 5 }, 10)
  expect(await buffer.take()).toBe('full')
  buffer.push({ value: 6 }, 1)
  expect(await buffer.take()).toBe('full')

  const large = createBacklog<{ value: number }>({ items: 30, size: 100 })
  large.push({ value: 1 }, 1000)
  expect(await large.take()).toEqual({ value: 1 })
  large.push({ value: 2 }, 60)
  large.push({ value: 3 }, 40)
  expect(await large.take()).toEqual({ value: 2 })
  large.push({ value: 4 }, 60)
  expect(await large.take()).toEqual({ value: 3 })
  large.push({ value: 5 }, 60)
  expect(await large.take()).toBe('full')

  const waited = createBacklog<{ value: number }>({ items: 1, size: 1 })
  const taken = waited.take()
  waited.push({ value: 1 }, 1)
  expect(await taken).toEqual({ value: 1 })
  const never = waited.take()
  waited.end('left')
  expect(await never).toBe('left')
})
