import { expect, test } from 'vitest'
import type { Commit } from '../../src/streams/events/commit.ts'
import { requestParked } from '../../src/streams/follow/request.ts'
import type { FollowerStore } from '../../src/streams/follow/store.ts'
import { appendCommits, connectTo, openTestLog, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { followThings, nameOf, named, storeOf } from './support.ts'

const nats = useNats()

test('what was read of a parked event before it was done is not taken for a request to do it again', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)

  /** The answer to the second look at what was asked for comes when that is done. */
  const state = { asked: 0, looks: 0 }
  const slow: FollowerStore = {
    ...store,
    async get(key) {
      const entry = await store.get(key)
      const isAsked = JSON.stringify([entry?.value]).includes('"action":"retry"')
      if (isAsked && ++state.asked === 2)
        await until('it to be done', async () => follower.status().parked === 0)
      return entry
    },
    async keys(filter) {
      state.looks++
      return await store.keys(filter)
    },
  }
  const done: string[] = []
  const event = { isBad: true }
  const handler = () => async (commit: Commit, index: number) => {
    const name = nameOf(commit, index)
    if (name === 'a 1' && event.isBad) throw new Error('it is bad')
    // Until the second look has begun.
    if (name === 'a 1') await until('the second look', async () => state.asked >= 2)
    done.push(name)
  }
  const follower = await followThings(nc, things, { store: slow, handler })
  follower.start()
  await appendCommits(things, 'a', [1, 1])
  await until('it to be parked', async () => follower.status().checkpoint === 2)
  event.isBad = false

  const ask = () => requestParked(store, [named(things)], 'all', 'retry', 50_000)
  const first = ask()
  await until('the first look', async () => state.asked >= 1)
  const { looks } = state
  await Promise.all([first, ask()])
  await until('a look after the second', async () => done.length > 2 || state.looks >= looks + 2)
  expect(done).toEqual(['a 1', 'a 2'])
})
