import { onTestFinished, expect, test } from 'vitest'
import { LEASE_TIMES, acquireLease } from '../../src/streams/follow/lease.ts'
import type { FollowerStore } from '../../src/streams/follow/store.ts'
import { bestOf } from '../support/best-of.ts'
import { connectTo, eventually, startOwnNats, uniqueName, useNats } from '../streams/support.ts'
import { storeOf } from './support.ts'

const nats = useNats()

/** A replica that wants the lease; once it has it, it renews it until the test ends. */
async function replica(store: FollowerStore, holder: string, times = LEASE_TIMES) {
  const giveUp = new AbortController()
  onTestFinished(() => giveUp.abort())
  const lease = acquireLease({ store, key: 'test.one.S.lease', holder, times, onFailure() {} }, giveUp.signal)
  let isThere = false
  void lease.then(() => (isThere = true))
  return {
    async lease() {
      const held = await lease
      if (!held) throw new Error('it gave up')
      onTestFinished(() => held.release())
      return held
    },
    has: () => isThere,
  }
}

/** A store whose owner is cut off when it is told so: nothing it writes arrives any more. It counts what does. */
function cutting(store: FollowerStore) {
  const state = { cut: false, updates: 0 }
  const update: FollowerStore['update'] = async (...args) => {
    if (state.cut) throw new Error('cut off')
    const revision = await store.update(...args)
    state.updates++
    return revision
  }
  return { state, store: { ...store, update } }
}

test('one has it, however many want it; given back, another has it at once', async () => {
  // Nobody waits for it to run out: that would be after the test.
  const untold = { ...LEASE_TIMES, ttlMs: 600_000 }
  const store = await storeOf(await connectTo(nats()), uniqueName())
  const all = await Promise.all(['a', 'b', 'c'].map((holder) => replica(store, holder, untold)))
  await eventually(() => all.some((one) => one.has()))
  const owner = all.find((one) => one.has())
  expect(all.filter((one) => one.has())).toHaveLength(1)
  const lease = await owner?.lease()
  expect(lease?.isHeld()).toBe(true)
  await lease?.release()
  expect(lease?.isHeld()).toBe(false)
  await eventually(() => all.filter((one) => one.has()).length === 2)
})

test('one that is not renewed is taken over within 5 s, and not before its holder has stopped to count on it', async () => {
  const takenOverMs = async () => {
    const store = await storeOf(await connectTo(nats()), uniqueName())
    const cut = cutting(store)
    const first = await (await replica(cut.store, 'a')).lease()
    const second = await replica(store, 'b')
    await eventually(() => cut.state.updates > 0)
    cut.state.cut = true
    const cutAt = Date.now()
    await eventually(() => {
      // Both at the same time is what must never be.
      expect(first.isHeld() && second.has()).toBe(false)
      return second.has()
    })
    const took = Date.now() - cutAt
    cut.state.cut = false
    await eventually(() => first.ended.aborted)
    const taken = await second.lease()
    await eventually(() => taken.isHeld())
    return took
  }
  expect(await bestOf(5000, takenOverMs)).toBeLessThan(5000)
})

test('stays with its holder over a restart of the server (1 fault)', async () => {
  const own = await startOwnNats()
  const store = await storeOf(await connectTo(own), uniqueName())
  const counting = cutting(store)
  const first = await (await replica(counting.store, 'a')).lease()
  const second = await replica(store, 'b')
  await own.crash()
  // For longer than a lease lasts that is not renewed.
  const renewals = Math.ceil(LEASE_TIMES.ttlMs / LEASE_TIMES.renewMs) + 1
  await eventually(() => counting.state.updates >= renewals && first.isHeld())
  expect(second.has()).toBe(false)
})
