import type { NatsConnection } from '@nats-io/nats-core'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { logSource } from '../../src/streams/follow/log-source.ts'
import { readFollower } from '../../src/streams/follow/overview.ts'
import { nextOf, streamState } from '../../src/streams/follow/stream-state.ts'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { type TestLog, connectTo, specOf, uniqueName, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { appendOne, followThings, named, recorder, storeOf } from './support.ts'

const nats = useNats()

/** A log that holds others beside the things. */
async function openShared(nc: NatsConnection): Promise<{ things: TestLog; others: TestLog }> {
  const namespace = uniqueName()
  const subjects = [`${namespace}.evt.thing.*`, `${namespace}.evt.other.*`]
  const spec = specOf(namespace, { subjects })
  const log = await openEventLog({ nc, spec, appendTimeoutMs: 8000, onMigration() {} })
  const of = (type: string) => ({ log, namespace, subject: (id: string) => `${namespace}.evt.${type}.${id}` })
  return { things: of('thing'), others: of('other') }
}

async function setUp() {
  const nc = await connectTo(nats())
  const { things, others } = await openShared(nc)
  const store = await storeOf(nc, things.namespace)
  const jsm = await jetstreamManager(nc, { timeout: 50_000 })
  const streams = {
    stateOf: (stream: string) => streamState(jsm, stream),
    nextOf: (stream: string, subjects: readonly string[], after: number) =>
      nextOf({ jsm, stream }, subjects, after),
  }
  return { nc, things, others, seen: () => readFollower(store, named(things), streams) }
}

/** Tells how often somebody has looked for what comes next. */
async function watchedSource(nc: NatsConnection, things: TestLog) {
  const source = await logSource({ nc, ...things, aggregates: ['thing'] })
  let looks = 0
  const next = async (after: number) => {
    const sequence = await source.next(after)
    looks++
    return sequence
  }
  return { source: { ...source, next }, looks: () => looks }
}

test('the checkpoint passes what is not for it, and nothing of its own is left out after that', async () => {
  const { nc, things, others, seen } = await setUp()
  const { done, handler } = recorder()
  const follower = await followThings(nc, things, { handler })
  follower.start()
  await appendOne(things, 'a', 1)
  for (let version = 1; version <= 4; version++) await appendOne(others, 'b', version)
  await until('it to come to the end', async () => (await seen()).checkpoint === 5)
  await appendOne(things, 'a', 2)
  await appendOne(others, 'b', 5)
  await until('the end again', async () => (await seen()).checkpoint === 7)
  await follower.stop()
  await appendOne(things, 'a', 3)
  const next = await followThings(nc, things, { handler })
  next.start()
  await until('what came meanwhile', async () => done.length === 3)
  expect(done).toEqual(['a 1', 'a 2', 'a 3'])
})

test('it does not pass what is still in work', async () => {
  const { nc, things, others, seen } = await setUp()
  const isDown = { value: true }
  const busy = new HeadwaterError({ code: 'BUSY', status: 503, detail: 'not now' })
  const { handler } = recorder((name) => name === 'a 1' && isDown.value && busy)
  const { source, looks } = await watchedSource(nc, things)
  const follower = await followThings(nc, things, { handler, source })
  follower.start()
  await appendOne(things, 'a', 1)
  await until('the first to be tried', async () => follower.status().retrying === 1)
  for (let version = 1; version <= 3; version++) {
    await appendOne(others, 'b', version)
    await until('a look at what follows', async () => looks() >= version)
  }
  expect(await seen()).toMatchObject({ checkpoint: 0, behind: 4 })
  isDown.value = false
  await until('it to come to the end', async () => (await seen()).checkpoint === 4)
})

test('it does not pass what is its own and has not come yet', async () => {
  const { nc, things, others, seen } = await setUp()
  await appendOne(others, 'b', 1)
  await appendOne(things, 'a', 1)
  await appendOne(others, 'b', 2)
  const { source, looks } = await watchedSource(nc, things)
  const late = { ...source, open: () => source.open(3, 1) }
  const follower = await followThings(nc, things, { source: late })
  follower.start()
  await until('it to look twice', async () => looks() >= 2)
  await until('it to come to what is its own', async () => (await seen()).checkpoint > 0)
  await follower.stop()
  expect(await seen()).toMatchObject({ checkpoint: 1, behind: 2 })
})

test('one that nobody runs is up to date when nothing of its own is left, and as far behind as its own first is', async () => {
  const { nc, things, others, seen } = await setUp()
  await followThings(nc, things)
  for (let version = 1; version <= 3; version++) await appendOne(others, 'b', version)
  expect(await seen()).toMatchObject({ checkpoint: 0, behind: 0 })
  await appendOne(things, 'a', 1)
  await appendOne(others, 'b', 4)
  expect(await seen()).toMatchObject({ checkpoint: 0, behind: 2 })
})

test('what an older release wrote does not say what is followed; the active replica adds it', async () => {
  const { nc, things, others, seen } = await setUp()
  await appendOne(others, 'b', 1)
  const store = await storeOf(nc, things.namespace)
  const key = `test.one.${things.log.stream}.checkpoint`
  await store.create(key, { created: things.log.created, sequence: 0, epoch: 0, writer: '' })
  const follower = await followThings(nc, things, {
    settings: { retryMaxMs: 100, tickMs: 50, lease: { ttlMs: 3000, renewMs: 1000, pollMs: 50 } },
  })
  expect(await seen()).toMatchObject({ checkpoint: 0, behind: 1 })
  follower.start()
  const written = async () => JSON.stringify((await store.get(key))?.value)
  await until('it to be told', async () => (await written()).includes(things.subject('*')))
  await until('it to come to the end', async () => (await seen()).checkpoint === 1)
})
