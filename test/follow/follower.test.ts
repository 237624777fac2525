import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, test } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { fixBeginning, openCheckpoint } from '../../src/streams/follow/checkpoint.ts'
import { logSource } from '../../src/streams/follow/log-source.ts'
import { followersOf, listParkedOf, readFollower } from '../../src/streams/follow/overview.ts'
import { keysOf } from '../../src/streams/follow/names.ts'
import { resetFollower } from '../../src/streams/follow/request.ts'
import { findFollowerStore } from '../../src/streams/follow/store.ts'
import { appendCommits, connectTo, openTestLog, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { appendOne, followThings, named, nameOf, quiet, recorder, storeOf } from './support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  return { nc, things, store: await storeOf(nc, things.namespace) }
}

test('what replicas tell each other is read from the leader: a copy may tell of a lease that is long gone', async () => {
  const { nc, things } = await setUp()
  const { streams } = await jetstreamManager(nc, { timeout: 50_000 })
  const { config } = await streams.info(`KV_${things.namespace}_followers`)
  expect(config).toMatchObject({ allow_direct: false, subject_delete_marker_ttl: 60_000_000_000 })
})

const nextOf = async () => undefined
const busy = () => new HeadwaterError({ code: 'BUSY', status: 503, detail: 'not now' })

describe('where it begins', () => {
  test('a new one: with what happens after the moment it is opened, not when it is started', async () => {
    const { nc, things } = await setUp()
    await appendCommits(things, 'a', [1, 1])
    const { done, handler } = recorder()
    await followThings(nc, things, { beginning: 'now' })
    await appendCommits(things, 'b', [1])
    // Another replica, later: the beginning is fixed already.
    const follower = await followThings(nc, things, { beginning: 'now', handler })
    await appendCommits(things, 'c', [1])
    follower.start()
    await until('both', async () => done.length === 2)
    expect(done).toEqual(['b 1', 'c 1'])
  })

  test('at the beginning, where it says so; another name is another one', async () => {
    const { nc, things } = await setUp()
    await appendCommits(things, 'a', [2, 1])
    for (const name of ['one', 'two']) {
      const { done, handler } = recorder()
      const follower = await followThings(nc, things, { name, handler })
      follower.start()
      await until('all', async () => done.length === 3)
      expect(done).toEqual(['a 1', 'a 2', 'a 3'])
    }
  })

  test('a known one: behind its checkpoint, which a stop writes', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1, 1, 1])
    const first = recorder()
    const follower = await followThings(nc, things, { handler: first.handler })
    follower.start()
    await until('all', async () => first.done.length === 3)
    await follower.stop()
    const stateOf = async () => ({ created: things.log.created, first: 1, last: 3 })
    expect(await readFollower(store, named(things), { stateOf, nextOf })).toMatchObject({
      active: null,
      checkpoint: 3,
      behind: 0,
      mismatch: false,
      parked: 0,
    })
    await appendOne(things, 'a', 4)
    const second = recorder()
    const next = await followThings(nc, things, { handler: second.handler })
    next.start()
    await until('the rest', async () => second.done.length > 0)
    expect(second.done).toEqual(['a 4'])
  })
})

test('those of a kind are told by name, and no others', async () => {
  const { nc, things, store } = await setUp()
  for (const name of ['two', 'one']) await followThings(nc, things, { name })
  await followThings(nc, things, { kind: 'other', name: 'three' })
  expect(await followersOf(store, 'test')).toEqual([named(things, 'one'), named(things, 'two')])
  expect(await followersOf(store, 'none')).toEqual([])
})

test('aggregates are handled side by side, the events of each in order', async () => {
  const { nc, things } = await setUp()
  for (const id of ['a', 'b', 'c']) await appendCommits(things, id, [2, 1])
  const begun: string[] = []
  const gate = Promise.withResolvers<undefined>()
  const follower = await followThings(nc, things, {
    handler: () => async (commit, index) => {
      begun.push(nameOf(commit, index))
      await gate.promise
    },
  })
  follower.start()
  await until('one of each', async () => begun.length === 3)
  expect(begun).toEqual(['a 1', 'b 1', 'c 1'])
  gate.resolve(undefined)
  await until('all', async () => begun.length === 9)
  for (const id of ['a', 'b', 'c']) {
    expect(begun.filter((name) => name.startsWith(id))).toEqual([`${id} 1`, `${id} 2`, `${id} 3`])
  }
})

describe('what fails for a while', () => {
  test('is tried again until it passes; the others flow, and the checkpoint waits in front of it', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1, 1])
    await appendCommits(things, 'b', [1, 1])
    let attempts = 0
    const isDown = { value: true }
    const { done, handler } = recorder((name) => {
      if (name === 'a 1') attempts++
      return name === 'a 1' && isDown.value && busy()
    })
    const follower = await followThings(nc, things, { handler })
    follower.start()
    await until('the others, and some attempts', async () => done.length === 2 && attempts > 5)
    expect(done).toEqual(['b 1', 'b 2'])
    expect(follower.status()).toMatchObject({ state: 'active', checkpoint: 0, retrying: 1, parked: 0 })
    isDown.value = false
    await until('all', async () => done.length === 4)
    expect(done.slice(2)).toEqual(['a 1', 'a 2'])
    const checkpoint = async () =>
      (await readFollower(store, named(things), { stateOf: async () => undefined, nextOf })).checkpoint === 4
    await until('the checkpoint to follow', checkpoint)
    expect(follower.status()).toMatchObject({ checkpoint: 4, lag: 0, retrying: 0 })
  })

  test('is not parked by a stop: the next one tries it again', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1, 1])
    let isDown = true
    const { done, handler } = recorder(() => isDown && busy())
    const follower = await followThings(nc, things, { handler })
    follower.start()
    await until('it to be tried', async () => follower.status().retrying === 1)
    await follower.stop()
    expect(await listParkedOf(store, [named(things)])).toEqual([])
    isDown = false
    const next = await followThings(nc, things, { handler })
    next.start()
    await until('both', async () => done.length === 2)
    expect(done).toEqual(['a 1', 'a 2'])
  })

  test('holds back no more than the window takes', async () => {
    const { nc, things } = await setUp()
    for (const id of ['a', 'b', 'c', 'd']) await appendCommits(things, id, [1])
    const isDown = { value: true }
    const tried = new Set<string>()
    const { done, handler } = recorder((name) => {
      tried.add(name)
      return isDown.value && busy()
    })
    const settings = { window: { items: 2, ahead: 100, size: 1_000_000 }, retryMaxMs: 60, tickMs: 50 }
    const follower = await followThings(nc, things, { handler, settings })
    follower.start()
    await until('two to wait', async () => follower.status().retrying === 2)
    await appendCommits(things, 'e', [1])
    expect([...tried]).toEqual(['a 1', 'b 1'])
    isDown.value = false
    await until('all', async () => done.length === 5)
  })
})

describe('the stream', () => {
  test('made anew is noticed, also while it is followed; a reset says where to go on', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1, 1, 1])
    const { done, handler } = recorder()
    const follower = await followThings(nc, things, { handler })
    follower.start()
    await until('all', async () => follower.status().checkpoint === 3)

    const jsm = await jetstreamManager(nc, { timeout: 50_000 })
    const { config } = await jsm.streams.info(things.log.stream)
    await jsm.streams.delete(things.log.stream)
    const { created } = await jsm.streams.add(config)
    for (const version of [1, 2, 3]) await appendOne(things, 'b', version)
    await until('it to be noticed', async () => follower.status().state === 'halted')
    // Not before: a consumer that is made again on the new stream goes on behind 3.
    for (const version of [4, 5]) await appendOne(things, 'b', version)
    expect(follower.status().lastError).toContain('made anew')
    expect(done).toEqual(['a 1', 'a 2', 'a 3'])
    const stateOf = async () => ({ created, first: 1, last: 5 })
    expect(await readFollower(store, named(things), { stateOf, nextOf })).toMatchObject({
      mismatch: true,
      checkpoint: 3,
    })

    await resetFollower(store, named(things), { created, sequence: 1 })
    await until('the rest', async () => done.length === 7)
    expect(done.slice(3)).toEqual(['b 2', 'b 3', 'b 4', 'b 5'])
  })

  test('is read again from where a reset says, though nothing new comes', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1, 1])
    const { done, handler } = recorder()
    const warned: unknown[][] = []
    const logger = { ...quiet, warn: (...said: unknown[]) => void warned.push(said) }
    const follower = await followThings(nc, things, { handler, logger })
    follower.start()
    await until('all', async () => follower.status().checkpoint === 2)
    await resetFollower(store, named(things), { created: things.log.created, sequence: 1 })
    await until('the last once more', async () => done.length === 3)
    expect(done).toEqual(['a 1', 'a 2', 'a 2'])
    expect(warned).toEqual([
      [
        { follower: expect.stringContaining('one') },
        expect.stringContaining('was written by another: this replica begins again from there'),
      ],
    ])
  })

  /** A follower that knew one commit, of a stream that begins with `first` of five by now; and what it says of that. */
  async function meetsLoss(first: number, expires: boolean) {
    const { nc, things } = await setUp()
    await appendCommits(things, 'a', [1])
    const { done, handler } = recorder()
    const known = await followThings(nc, things, { handler })
    known.start()
    await until('the first', async () => known.status().checkpoint === 1)
    await known.stop()
    for (let version = 2; version <= 5; version++) await appendOne(things, 'a', version)
    const jsm = await jetstreamManager(nc, { timeout: 50_000 })
    const { config } = await jsm.streams.info(things.log.stream)
    // It cannot be purged: a limit is how it loses its beginning.
    const limits = { discard: DiscardPolicy.Old, max_msgs: 6 - first }
    await jsm.streams.update(things.log.stream, { ...config, ...limits })
    const source = await logSource({ nc, ...things, aggregates: ['thing'] })
    const warned: string[] = []
    const logger = { ...quiet, warn: (_: object, said: string) => void warned.push(said) }
    const follower = await followThings(nc, things, { handler, logger, source: { ...source, expires } })
    follower.start()
    return { done, follower, warned }
  }

  test('that has lost what it has not seen halts it', async () => {
    const { follower, done } = await meetsLoss(3, false)
    await until('it to be noticed', async () => follower.status().state === 'halted')
    expect(follower.status().lastError).toContain('the stream begins at 3: what was before is lost')
    expect(done).toEqual(['a 1'])
  })

  test('whose messages expire goes on, and what may have been missed is told', async () => {
    const { follower, done, warned } = await meetsLoss(3, true)
    await until('the rest', async () => follower.status().checkpoint === 5)
    expect(done).toEqual(['a 1', 'a 3', 'a 4', 'a 5'])
    expect(warned).toEqual([expect.stringMatching(/ begins at 3 by now: .* which has expired$/)])
  })

  test.each([false, true])(
    'that has lost only what it has seen is no trouble; expires: %s',
    async (expires) => {
      const { follower, done, warned } = await meetsLoss(2, expires)
      await until('the rest', async () => follower.status().checkpoint === 5)
      expect(done).toEqual(['a 1', 'a 2', 'a 3', 'a 4', 'a 5'])
      expect(warned).toEqual([])
    },
  )

  test('that ends before the checkpoint is noticed', async () => {
    const { nc, things, store } = await setUp()
    await appendCommits(things, 'a', [1])
    const follower = await followThings(nc, things)
    await resetFollower(store, named(things), { created: things.log.created, sequence: 7 })
    follower.start()
    await until('it to be noticed', async () => follower.status().state === 'halted')
    expect(follower.status().lastError).toContain('ends at 1')
  })
})

describe('what is written of it', () => {
  test('by a program that writes something else halts it, and is left as it is', async () => {
    const { nc, things, store } = await setUp()
    const key = keysOf(named(things)).checkpoint
    const follower = await followThings(nc, things)
    const before = await store.get(key)
    await store.update(key, { sequence: 'far' }, before?.revision ?? 0)
    follower.start()
    await until('it to halt', async () => follower.status().state === 'halted')
    expect(follower.status().lastError).toContain('another release or another program has written it')
    expect((await store.get(key))?.value).toEqual({ sequence: 'far' })
    const source = await logSource({ nc, ...things, aggregates: ['thing'] })
    await expect(openCheckpoint({ store, key, writer: 'me' }, source, 'one')).rejects.toMatchObject({
      code: 'FOLLOWER_CHECKPOINT_INVALID',
    })
  })

  test('by a replica that has lost its place, is not; an answer that was lost is no loss', async () => {
    const { nc, things, store } = await setUp()
    const key = keysOf(named(things)).checkpoint
    const source = await logSource({ nc, ...things, aggregates: ['thing'] })
    await appendCommits(things, 'a', [1, 1, 1])
    await fixBeginning(store, key, source, 'beginning')
    const first = await openCheckpoint({ store, key, writer: 'first' }, source, 'one')
    expect(await first.save(1)).toBe(true)
    // As if the answer to this had not come.
    const entry = await store.get(key)
    await store.update(key, { ...Object(entry?.value), sequence: 2 }, entry?.revision ?? 0)
    expect(await first.save(2)).toBe(true)
    expect(first.sequence).toBe(2)
    const second = await openCheckpoint({ store, key, writer: 'second' }, source, 'one')
    expect(await second.save(3)).toBe(true)
    expect(await first.save(3)).toBe(false)
    expect((await store.get(key))?.value).toMatchObject({ sequence: 3, writer: 'second' })
    expect(await second.isReset()).toBe(false)
    await resetFollower(store, named(things), { created: things.log.created, sequence: 0 })
    expect(await second.isReset()).toBe(true)
    expect(await second.save(4)).toBe(false)
    expect((await store.get(key))?.value).toMatchObject({ sequence: 0, epoch: 1 })
  })

  test('is nowhere where no service with followers has run', async () => {
    const { nc, things } = await setUp()
    await expect(findFollowerStore(nc, `${things.namespace}_nobody`)).rejects.toMatchObject({
      code: 'NO_FOLLOWERS',
      status: 404,
    })
  })
})
