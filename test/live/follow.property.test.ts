import {
  assert as assertProperty,
  array,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
} from 'fast-check'
import { expect, test } from 'vitest'
import { order } from '../../src/domains/orders/aggregate.ts'
import { closable } from '../../src/graph/live/closable.ts'
import { follow } from '../../src/graph/live/follow.ts'
import { type LiveSettings, createLive } from '../../src/graph/live/live.ts'
import { eventSubjects } from '../../src/streams/events/subjects.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { openLog } from './log.ts'
import { writerOf } from './replica.ts'

const stack = stackOfFile()
const IDS = ['a', 'b', 'c']

const step = oneof(
  {
    weight: 5,
    arbitrary: record({
      kind: constant('write' as const),
      id: constantFrom(...IDS),
      times: integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      kind: constant('join' as const),
      id: constantFrom(undefined, ...IDS),
      back: integer({ min: 0, max: 30 }),
    }),
  },
  { weight: 2, arbitrary: record({ kind: constant('leave' as const), who: nat(20) }) },
  { weight: 1, arbitrary: record({ kind: constant('breathe' as const) }) },
)

async function liveIn(namespace: string, settings: Partial<LiveSettings> = {}) {
  const log = await openLog(stack().nc, namespace)
  const sources = new Map([['order', { log, source: order }]])
  return { log, live: createLive({ sources, namespace, cursorKey: 'secret', settings }) }
}

/** Whatever the order in which clients come and go, and others write, each hears its part of the log from its place on, once. */
test('joining, leaving and writing in any order, everybody hears exactly what follows their place', async () => {
  const { nc } = stack()
  await assertProperty(
    asyncProperty(
      array(step, { minLength: 5, maxLength: 40 }),
      constantFrom(1, 2, 100),
      async (steps, maxFeeds) => {
        const namespace = uniqueName()
        const { log, live } = await liveIn(namespace, { maxFeeds, bufferCommits: 100_000 })
        const { write } = writerOf({ log }, namespace)
        const commits: { id: string; sequence: number }[] = []
        const clients: {
          id: string | undefined
          from: number
          heard: number[]
          stop: () => Promise<unknown>
        }[] = []
        const leavers = new Set<(typeof clients)[number]>()
        let writing = Promise.resolve()
        let next = 0

        for (const one of steps) {
          if (one.kind === 'write') {
            // Not waited for: clients join and leave in the middle of it.
            const before = writing
            writing = (async () => {
              await before
              for (let time = 0; time < one.times; time++) {
                await write(one.id)
                commits.push({ id: one.id, sequence: ++next })
              }
            })()
          } else if (one.kind === 'join') {
            const from = Math.max(0, next - one.back)
            const topic = live.topic('test', 'order', one.id)
            const told = closable((signal) =>
              live.follow(topic, { sequence: from, index: undefined }, signal),
            )
            const client = {
              id: one.id,
              from,
              heard: new Array<number>(),
              stop: () => told.return?.() ?? Promise.resolve(),
            }
            clients.push(client)
            void (async () => {
              for await (const { position } of told) client.heard.push(position.sequence)
            })()
          } else if (one.kind === 'leave') {
            const client = clients[one.who % Math.max(clients.length, 1)]
            if (client) leavers.add(client)
            await client?.stop()
          } else await nc.flush()
        }
        await writing
        for (const client of clients) {
          const expected = commits
            .filter(
              ({ id, sequence }) => sequence > client.from && (client.id === undefined || client.id === id),
            )
            .map(({ sequence }) => sequence)
          if (leavers.has(client)) expect(expected.slice(0, client.heard.length)).toEqual(client.heard)
          else {
            await until(`${expected.length} commits`, async () => client.heard.length >= expected.length)
            expect(client.heard).toEqual(expected)
          }
        }
        expect(live.size().feeds).toBeLessThanOrEqual(Math.max(maxFeeds + 1, 1))
        await Promise.all(clients.map((client) => client.stop()))
        expect(live.size()).toEqual({ feeds: 0, seats: 0 })
        await live.close()
      },
    ),
    { numRuns: 25 },
  )
})

test('who is far behind reads the log at its own pace, is never too slow there, and then hears the others', async () => {
  const namespace = uniqueName()
  const { log, live } = await liveIn(namespace, { bufferCommits: 1000 })
  const { write } = writerOf({ log }, namespace)
  for (let count = 0; count < 1500; count++) await write(IDS[count % 3] ?? '')
  const heard: number[] = []
  const told = closable((signal) =>
    live.follow(live.topic('test', 'order'), { sequence: 10, index: undefined }, signal),
  )
  for await (const { position } of told) {
    heard.push(position.sequence)
    // While it reads what there was, as much again as would overflow its buffer is written.
    if (heard.length === 1) {
      expect(live.size().seats).toBe(0)
      for (let count = 0; count < 1500; count++) await write(IDS[count % 3] ?? '')
    }
    if (position.sequence === 3000) break
  }
  expect(heard).toEqual(Array.from({ length: 2990 }, (_, index) => index + 11))
  expect(live.size()).toEqual({ feeds: 0, seats: 0 })
})

test('at a feed that is behind the cursor, since another replica was ahead of it, nothing comes again', async () => {
  const namespace = uniqueName()
  const { log, live } = await liveIn(namespace)
  const { write } = writerOf({ log }, namespace)
  for (let count = 0; count < 11; count++) await write('a')
  let next = 8
  const seat = {
    from: 7,
    take: async () => (await log.read.at(next++)) ?? ('left' as const),
    leave: () => undefined,
  }
  const hub = {
    closed: false,
    join: () => Promise.resolve(seat),
    size: () => ({ feeds: 1, seats: 1 }),
    close: () => Promise.resolve(),
  }
  const subject = eventSubjects(namespace, 'order')
  const { signal } = new AbortController()
  const tooSlow = () => new Error('too slow')
  for await (const { position } of follow({
    hub,
    topic: live.topic('test', 'order'),
    subject,
    after: 10,
    signal,
    tooSlow,
  })) {
    expect(position.sequence).toBe(11)
    break
  }
})
