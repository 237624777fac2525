import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type PublicShape, defineFeed } from '../../src/feed/define-feed.ts'
import { provisionFeed } from '../../src/feed/provision-feed.ts'
import { openFeed } from '../../src/feed/start-feed.ts'
import { createEventTypes } from '../../src/streams/events/event-types.ts'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { requestParked, resetFollower } from '../../src/streams/follow/request.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'
import { connectTo, openTestLog, someEvents, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { quick, quiet, storeOf } from '../follow/support.ts'
import { openFeedStream } from './thing-feed.ts'

const nats = useNats()
const events = { 'thing.happened': z.object({ n: z.number() }) }
type Shape = true | PublicShape<RecordedEvent<'thing.happened', { n: number }>>

async function setUp(shape: Shape) {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const { log, namespace, subject } = things
  const { jsm, stream, options } = await openFeedStream(nc, namespace)
  const store = await storeOf(nc, namespace)
  const feed = defineFeed({
    from: { name: 'thing', events, types: createEventTypes(events) },
    publish: { 'thing.happened': shape },
  })
  const follower = await openFeed(
    { nc, jsm, namespace, stream, store, logger: quiet, settings: quick },
    { context: 'things', log, feeds: [feed] },
  )
  follower.start()
  onTestFinished(() => follower.stop())
  const heard: string[] = []
  nc.subscribe(`${namespace}.feed.>`, {
    callback: (_, message) => {
      const id = message.subject.split('.').at(-1)
      heard.push(`${id} ${message.headers?.get('ce-sequence')} ${message.string()}`)
    },
  })
  await nc.flush()
  const name = { kind: 'feed', name: 'things', stream: log.stream }
  return {
    nc,
    jsm,
    things,
    options,
    heard,
    follower,
    happen: async (id: string, version: number, foreign: object = {}) => {
      const list = someEvents(version).map((event) => ({
        ...event,
        id: randomUUID(),
        subject: id,
        ...foreign,
      }))
      await log.append({
        subject: subject(id),
        expected: await log.leaderSequence(subject(id)),
        events: list,
      })
    },
    parked: () => listParkedOf(store, [name]),
    ask: (action: 'retry' | 'drop') => requestParked(store, [name], 'all', action),
    reset: (created: string, sequence: number) => resetFollower(store, name, { created, sequence }),
  }
}

describe('what cannot be published is parked, and can be retried; others flow', () => {
  const mended = { value: false }
  const bad = (n: number) => !mended.value && n === 1
  const shapes: [string, string, Shape][] = [
    [
      'a function that throws',
      'FEED_SHAPE_INVALID',
      {
        data: ({ data }) => {
          if (bad(data.n)) throw new Error('it is broken')
          return data
        },
      },
    ],
    [
      'data that does not fit its schema',
      'FEED_SHAPE_INVALID',
      { data: ({ data }) => (bad(data.n) ? { n: 'one' } : data), schema: z.object({ n: z.number() }) },
    ],
    [
      'more than a message holds',
      'FEED_REFUSED',
      { data: ({ data }) => (bad(data.n) ? { text: 'x'.repeat(70_000_000) } : data) },
    ],
  ]
  test.each(shapes)('%s', async (_, code, shape) => {
    mended.value = false
    const { happen, heard, parked, ask } = await setUp(shape)
    await happen('a', 1)
    await happen('a', 2)
    await happen('b', 2)
    await until('it to be parked, and the other published', async () => {
      return heard.length === 1 && (await parked()).length === 1
    })
    expect(heard).toEqual(['b 2 {"n":2}'])
    expect(await parked()).toMatchObject([{ id: 'a', sequence: 1, code }])
    mended.value = true
    expect(await ask('retry')).toEqual({ cleared: 1, stayed: [] })
    await until('both', async () => heard.length === 3)
    expect(heard.slice(1)).toEqual(['a 1 {"n":1}', 'a 2 {"n":2}'])
  })
})

test('an event whose function answers undefined is not published', async () => {
  const { happen, heard, parked } = await setUp({ data: ({ data }) => (data.n === 1 ? undefined : data) })
  await happen('a', 1)
  await happen('a', 2)
  await until('the second', async () => heard.length > 0)
  expect(heard).toEqual(['a 2 {"n":2}'])
  expect(await parked()).toEqual([])
})

test('an event of a newer release is parked until there is one that knows it', async () => {
  const { happen, heard, parked } = await setUp(true)
  await happen('a', 1, { dataversion: 2 })
  await until('it to be parked', async () => (await parked()).length > 0)
  expect(await parked()).toMatchObject([{ code: 'UNKNOWN_EVENT' }])
  expect(heard).toEqual([])
})

test('after the log was made anew and the feed reset, versions that were there before are published again', async () => {
  const { happen, heard, jsm, things, follower, reset } = await setUp(true)
  for (const version of [1, 2, 3]) await happen('a', version)
  await until('all', async () => heard.length === 3 && follower.status().checkpoint === 3)
  const { config } = await jsm.streams.info(things.log.stream)
  await jsm.streams.delete(things.log.stream)
  const { created } = await jsm.streams.add(config)
  for (const version of [1, 2]) await happen('a', version)
  await until('it to be noticed', async () => follower.status().state === 'halted')
  await reset(created, 0)
  await until('the new ones', async () => heard.length >= 5)
  expect(heard.slice(3)).toEqual(['a 1 {"n":1}', 'a 2 {"n":2}'])
})

describe('the stream of the feed', () => {
  test('follows the configuration', async () => {
    const { jsm, options } = await setUp(true)
    await provisionFeed({ ...options, maxAgeMs: 7_200_000 })
    const { config } = await jsm.streams.info(options.stream)
    expect(config).toMatchObject({
      max_age: 7_200_000 * 1e6,
      discard: 'old',
      allow_direct: true,
      duplicate_window: 120_000 * 1e6,
    })
  })

  test('is never made of another one', async () => {
    const { things, options, jsm } = await setUp(true)
    const before = (await jsm.streams.info(things.log.stream)).config
    await expect(provisionFeed({ ...options, stream: things.log.stream })).rejects.toMatchObject({
      code: 'FEED_STREAM_MISMATCH',
    })
    expect((await jsm.streams.info(things.log.stream)).config).toEqual(before)
  })
})
