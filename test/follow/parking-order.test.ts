import { describe, expect, test } from 'vitest'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { requestParked } from '../../src/streams/follow/request.ts'
import { connectTo, openTestLog, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { appendOne, followThings, nameOf, named, storeOf } from './support.ts'

const nats = useNats()

/** Releases of a follower that differ in their order; all fail at what `poison` holds, and wait for ever at what `stuck` holds. */
async function setUp() {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)
  const poison = new Set<string>()
  const stuck = new Set<string>()
  const done: string[] = []
  return {
    poison,
    stuck,
    done,
    append: async (id: string, ...versions: number[]) => {
      for (const version of versions) await appendOne(things, id, version)
    },
    parked: () => listParkedOf(store, [named(things)]),
    retry: () => requestParked(store, [named(things)], 'all', 'retry'),
    release: async (order: 'aggregate' | 'none') => {
      const follower = await followThings(nc, things, {
        order,
        handler:
          () =>
          async (commit, index, { signal }) => {
            const name = nameOf(commit, index)
            if (stuck.has(name)) await new Promise((resolve) => signal.addEventListener('abort', resolve))
            signal.throwIfAborted()
            if (poison.has(name)) throw new Error(`${name} is bad`)
            done.push(name)
          },
      })
      follower.start()
      return follower
    },
  }
}

describe('what was parked in the order of its aggregate', () => {
  test('holds up what follows also in a release without order, until a retry has handled all of it', async () => {
    const { poison, done, append, parked, retry, release } = await setUp()
    poison.add('a 1')
    const before = await release('aggregate')
    await append('a', 1, 2, 3)
    await until('the checkpoint to pass it', async () => before.status().checkpoint === 3)
    await before.stop()
    const now = await release('none')
    await append('a', 4)
    await append('b', 1)
    await until('the checkpoint to pass them', async () => now.status().checkpoint === 5)
    expect(done).toEqual(['b 1'])
    poison.clear()
    const versions = Array.from({ length: 20 }, (_, index) => index + 5)
    const coming = append('a', ...versions)
    expect(await retry()).toEqual({ cleared: 1, stayed: [] })
    await coming
    await until('all', async () => done.length === 25)
    // What comes when it is over is for itself.
    expect(done.slice(1, 5)).toEqual(['a 1', 'a 2', 'a 3', 'a 4'])
    expect(done.slice(5).toSorted()).toEqual(versions.map((version) => `a ${version}`).toSorted())
    poison.add('a 25')
    await append('a', 25, 26)
    await until('the last', async () => done.includes('a 26') && now.status().checkpoint === 27)
    expect(await parked()).toMatchObject([{ sequence: 26 }])
  })
})

describe('what was parked for itself', () => {
  test('is retried for itself in a release with order', async () => {
    const { poison, done, append, parked, retry, release } = await setUp()
    poison.add('a 1')
    const before = await release('none')
    await append('a', 1, 2, 3)
    await until('the checkpoint to pass it', async () => before.status().checkpoint === 3)
    await before.stop()
    const now = await release('aggregate')
    await append('a', 4)
    await until('the next', async () => now.status().checkpoint === 4)
    poison.clear()
    expect(await retry()).toEqual({ cleared: 1, stayed: [] })
    expect(done.toSorted()).toEqual(['a 1', 'a 2', 'a 3', 'a 4'])
    expect(done.at(-1)).toBe('a 1')
    expect(await parked()).toEqual([])
  })

  test('stays so when it comes by again in a release with order', async () => {
    const { poison, stuck, done, append, parked, retry, release } = await setUp()
    poison.add('a 1')
    stuck.add('b 1')
    const before = await release('none')
    await append('b', 1)
    await append('a', 1, 2)
    await until('it to be parked', async () => before.status().parked === 1 && done.length === 1)
    await before.stop()
    expect(before.status().checkpoint).toBe(0)
    stuck.clear()
    const now = await release('aggregate')
    await until('the checkpoint to pass it', async () => now.status().checkpoint === 3)
    expect(await parked()).toMatchObject([{ sequence: 2, attempts: 1 }])
    poison.clear()
    expect(await retry()).toEqual({ cleared: 1, stayed: [] })
    expect(done.filter((name) => name === 'a 1')).toHaveLength(1)
  })
})
