import { describe, expect, test } from 'vitest'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { requestParked } from '../../src/streams/follow/request.ts'
import type { FollowerStore } from '../../src/streams/follow/store.ts'
import { connectTo, openTestLog, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { appendOne, followThings, nameOf, named, quick, quiet, recorder, storeOf } from './support.ts'

const nats = useNats()
const settings = { ...quick, lease: { ttlMs: 1500, renewMs: 100, pollMs: 50 } }

/** From the first such write of what is parked on, nothing is written any more until it wakes up, its lease neither. */
function sleeper(store: FollowerStore, at: 'create' | 'update' | 'remove') {
  const waking = Promise.withResolvers<undefined>()
  let isAsleep = false
  async function before(what: typeof at, key: string): Promise<void> {
    isAsleep ||= what === at && key.includes('.parked.')
    if (isAsleep) await waking.promise
  }
  const sleeping: FollowerStore = {
    ...store,
    create: async (key, value) => {
      await before('create', key)
      return await store.create(key, value)
    },
    update: async (key, value, revision) => {
      await before('update', key)
      return await store.update(key, value, revision)
    },
    remove: async (key, revision) => {
      await before('remove', key)
      return await store.remove(key, revision)
    },
  }
  return { store: sleeping, isAsleep: () => isAsleep, wake: () => waking.resolve(undefined) }
}

/** Two replicas, one after the other has fallen asleep; each fails at what its own set holds. */
async function setUp(at: 'create' | 'update' | 'remove', poison: { first: string[]; second: string[] }) {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)
  const asleep = sleeper(store, at)
  const replica = async (bad: Set<string>, own: FollowerStore, tickMs = settings.tickMs) => {
    const { done, handler } = recorder((name) => bad.has(name) && new Error(`${name} is bad`))
    const follower = await followThings(nc, things, {
      handler,
      store: own,
      settings: { ...settings, tickMs },
    })
    follower.start()
    return { done, bad, follower }
  }
  for (const version of [1, 2]) await appendOne(things, 'a', version)
  const first = await replica(new Set(poison.first), asleep.store)
  await until('the first to be active', async () => first.follower.status().state === 'active')
  return {
    first,
    /** Starts when the first is asleep. */
    second: async (tickMs?: number) => {
      await until('the first to fall asleep', async () => asleep.isAsleep())
      return await replica(new Set(poison.second), store, tickMs)
    },
    append: (version: number, id = 'a') => appendOne(things, id, version),
    parked: () => listParkedOf(store, [named(things)]),
    retry: (patienceMs?: number) => requestParked(store, [named(things)], 'all', 'retry', patienceMs),
    wake: async () => {
      asleep.wake()
      await until('it to see that it is late', async () =>
        first.follower.status().lastError?.includes('another replica'),
      )
    },
  }
}

describe('a replica that wakes up when another has taken over', () => {
  test('removes nothing of what that has parked', async () => {
    const all = await setUp('remove', { first: ['a 1'], second: ['a 1'] })
    const { first, parked, retry } = all
    await until('it to be parked', async () => first.follower.status().checkpoint === 2)
    first.bad.clear()
    const asked = retry()
    const second = await all.second()
    expect(await asked).toMatchObject({ cleared: 0, stayed: [{ sequence: 1, attempts: 2 }] })
    expect(first.done).toEqual(['a 1', 'a 2'])
    await all.append(3)
    await until('the next to wait', async () => second.follower.status().checkpoint === 3)
    await all.wake()
    expect(await parked()).toMatchObject([{ sequence: 1, attempts: 2 }])
    second.bad.clear()
    expect(await retry()).toEqual({ cleared: 1, stayed: [] })
    expect(second.done).toEqual(['a 1', 'a 2', 'a 3'])
  })

  test('nor of what that has only taken over, and goes by', async () => {
    const all = await setUp('remove', { first: ['a 1'], second: [] })
    const { first, parked, retry } = all
    await until('it to be parked', async () => first.follower.status().checkpoint === 2)
    first.bad.clear()
    await expect(retry(300)).rejects.toMatchObject({ code: 'FOLLOWER_NOT_RUN' })
    // It does not look at what is asked for before this test is over.
    const second = await all.second(120_000)
    await all.append(3)
    await all.append(1, 'b')
    await until('what is not of that aggregate', async () => second.done.includes('b 1'))
    await all.wake()
    expect(await parked()).toMatchObject([{ sequence: 1, action: 'retry' }])
    await second.follower.stop()
    await until('the first to do it', async () => first.done.includes('a 3'))
    await until('nothing to be parked', async () => (await parked()).length === 0)
  })

  test('does not rewrite it', async () => {
    const all = await setUp('update', { first: ['a 1'], second: ['a 2'] })
    const { first, parked, retry } = all
    await until('it to be parked', async () => first.follower.status().checkpoint === 2)
    const asked = retry()
    const second = await all.second()
    expect(await asked).toMatchObject({ cleared: 0, stayed: [{ sequence: 2, attempts: 1 }] })
    await all.wake()
    expect(await parked()).toMatchObject([{ sequence: 2, attempts: 1 }])
    expect(second.done).toEqual(['a 1'])
  })

  test('does not park what that has done', async () => {
    const all = await setUp('create', { first: ['a 1'], second: [] })
    const { parked } = all
    const second = await all.second()
    await until('the other to do it', async () => second.follower.status().checkpoint === 2)
    await all.wake()
    expect(await parked()).toEqual([])
    expect(second.done).toEqual(['a 1', 'a 2'])
  })
})

test('what somebody asks for while a retry runs is no other replica: it goes on', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)
  const gate = Promise.withResolvers<undefined>()
  const warned: string[] = []
  let attempts = 0
  const follower = await followThings(nc, things, {
    logger: { ...quiet, warn: (_: object, said: string) => void warned.push(said) },
    handler: () => async (commit, index) => {
      if (nameOf(commit, index) !== 'a 1') return
      if (++attempts === 2) await gate.promise
      throw new Error('it is bad')
    },
  })
  follower.start()
  await appendOne(things, 'a', 1)
  await until('it to be parked', async () => follower.status().checkpoint === 1)
  const ask = (action: 'retry' | 'drop') => requestParked(store, [named(things)], 'all', action)
  const retried = ask('retry')
  await until('the second attempt', async () => attempts === 2)
  const dropped = ask('drop')
  await until('it to be asked for', async () => {
    const [entry] = await listParkedOf(store, [named(things)])
    return entry?.action === 'drop'
  })
  gate.resolve(undefined)
  await Promise.all([retried, dropped])
  expect(warned.filter((said) => said.includes('begins again'))).toEqual([])
  expect(follower.status()).toMatchObject({ state: 'active', lastError: undefined })
})
