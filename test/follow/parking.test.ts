import { jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, test } from 'vitest'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { requestParked, resetFollower } from '../../src/streams/follow/request.ts'
import { appendCommits, connectTo, openTestLog, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import {
  type Changes,
  appendOne,
  followThings,
  nameOf,
  named,
  quick,
  quiet,
  recorder,
  storeOf,
} from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

/** A follower that fails at what `poison` holds. */
async function setUp(poison: Set<string>, changes: Changes = {}) {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)
  const { done, handler } = recorder((name) => poison.has(name) && new Error(`${name} is bad`))
  const open = () => followThings(nc, things, { handler, ...changes })
  const follower = await open()
  follower.start()
  return {
    nc,
    things,
    store,
    done,
    follower,
    open,
    parked: () => listParkedOf(store, [named(things)]),
    ask: (which: Parameters<typeof requestParked>[2], action: 'retry' | 'drop') =>
      requestParked(store, [named(things)], which, action),
  }
}

describe('an event that fails for good', () => {
  test('is parked with its cause; later events of its aggregate wait, and all others flow', async () => {
    const { things, done, parked, follower } = await setUp(new Set(['a 2']))
    await appendCommits(things, 'a', [3, 1])
    await appendCommits(things, 'b', [1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 4)
    expect(done.toSorted()).toEqual(['a 1', 'b 1', 'b 2'])
    expect(await parked()).toEqual([
      {
        name: 'one',
        stream: things.log.stream,
        sequence: 1,
        index: 1,
        aggregate: 'thing',
        id: 'a',
        eventId: expect.any(String),
        type: expect.any(String),
        code: 'FOLLOWER_EVENT_FAILED',
        cause: 'a 2 is bad',
        attempts: 1,
        parkedAt: expect.any(String),
        created: things.log.created,
        epoch: 0,
        action: null,
      },
    ])
    expect(follower.status()).toMatchObject({ parked: 1, lag: 0, state: 'active' })
  })

  test('is so also after a restart', async () => {
    const { things, done, follower, open } = await setUp(new Set(['a 1']))
    await appendCommits(things, 'a', [1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 2)
    await follower.stop()
    const next = await open()
    next.start()
    await appendOne(things, 'a', 3)
    await appendOne(things, 'b', 1)
    await until('the other', async () => done.length === 1 && next.status().checkpoint === 4)
    expect(done).toEqual(['b 1'])
    expect(next.status().parked).toBe(1)
  })

  test('stops nothing of its aggregate where there is no order', async () => {
    const { things, done, follower, ask } = await setUp(new Set(['a 1']), { order: 'none' })
    await appendCommits(things, 'a', [1, 1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 3)
    expect(done.toSorted()).toEqual(['a 2', 'a 3'])
    expect(await ask({ sequence: 1 }, 'drop')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toHaveLength(2)
  })

  test('halts everything when too many aggregates have one', async () => {
    const poison = new Set(['a 1', 'b 1', 'c 1'])
    const settings = { ...quick, maxParked: 2 }
    const { things, follower, done } = await setUp(poison, { settings })
    for (const id of ['a', 'b', 'c', 'd']) await appendCommits(things, id, [1])
    await until('it to halt', async () => follower.status().lastError?.includes('2 parked events'))
    poison.delete('c 1')
    await until('it to go on', async () => done.includes('c 1') && done.includes('d 1'))
  })
})

test('of several that are parked only those are touched that were asked for', async () => {
  const { things, follower, parked, ask } = await setUp(new Set(['a 1', 'b 1']))
  await appendCommits(things, 'a', [1])
  await appendCommits(things, 'b', [1])
  await until('the checkpoint to pass both', async () => follower.status().checkpoint === 2)
  expect(await ask({ aggregate: 'thing', id: 'b' }, 'drop')).toEqual({ cleared: 1, stayed: [] })
  expect(await parked()).toMatchObject([{ id: 'a', action: null, attempts: 1 }])
})

describe('a message that is no commit', () => {
  test('is parked, and can be dropped', async () => {
    const { nc, things, done, parked, follower, ask } = await setUp(new Set())
    await request(nc, things.subject('a'), 'nonsense')
    await appendOne(things, 'b', 1)
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 2)
    expect(await parked()).toMatchObject([{ sequence: 1, id: 'a', type: '', code: 'MALFORMED_COMMIT' }])
    expect(await ask({ sequence: 1 }, 'drop')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toEqual(['b 1'])
    await expect(ask('all', 'drop')).rejects.toMatchObject({ code: 'PARKED_EVENT_NOT_FOUND' })
  })
})

describe('a retry', () => {
  test('handles the event and all that waits behind it, in order, and what comes meanwhile', async () => {
    const poison = new Set(['a 2'])
    const { things, done, follower, parked, ask } = await setUp(poison)
    await appendCommits(things, 'a', [3, 1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 3)
    poison.clear()
    const coming = (async () => {
      for (let version = 6; version <= 30; version++) await appendOne(things, 'a', version)
    })()
    expect(await ask({ aggregate: 'thing', id: 'a' }, 'retry')).toEqual({ cleared: 1, stayed: [] })
    await coming
    await until('all', async () => done.length === 30)
    expect(done).toEqual(Array.from({ length: 30 }, (_, index) => `a ${index + 1}`))
    expect(await parked()).toEqual([])
    expect(follower.status().parked).toBe(0)
  })

  test('of what fails again leaves it parked, with one attempt more; of what fails further on, there', async () => {
    const poison = new Set(['a 1', 'a 3'])
    const { things, done, follower, ask } = await setUp(poison)
    await appendCommits(things, 'a', [1, 1, 1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 4)
    expect(await ask('all', 'retry')).toMatchObject({ cleared: 0, stayed: [{ sequence: 1, attempts: 2 }] })
    poison.delete('a 1')
    expect(await ask('all', 'retry')).toMatchObject({ cleared: 0, stayed: [{ sequence: 3, attempts: 1 }] })
    expect(done).toEqual(['a 1', 'a 2'])
    poison.clear()
    expect(await ask('all', 'retry')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toEqual(['a 1', 'a 2', 'a 3', 'a 4'])
  })

  test('of what fails further on in the same commit leaves that parked, tried once; what is before it is not done again', async () => {
    const poison = new Set(['a 2', 'a 3'])
    const { things, done, follower, ask } = await setUp(poison)
    await appendCommits(things, 'a', [4])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 1)
    expect(await ask('all', 'retry')).toMatchObject({ stayed: [{ sequence: 1, index: 1, attempts: 2 }] })
    poison.delete('a 2')
    expect(await ask('all', 'retry')).toMatchObject({ stayed: [{ sequence: 1, index: 2, attempts: 1 }] })
    expect(await ask('all', 'drop')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toEqual(['a 1', 'a 2', 'a 4'])
  })

  test('asked for by two at once is done once', async () => {
    const poison = new Set(['a 1', 'b 1'])
    const { things, done, follower, parked, ask } = await setUp(poison)
    await appendCommits(things, 'a', [1, 1])
    await appendCommits(things, 'b', [1])
    await until('the checkpoint to pass all', async () => follower.status().checkpoint === 3)
    poison.clear()
    const asked = await Promise.allSettled([ask('all', 'retry'), ask('all', 'retry')])
    expect(asked.map(({ status }) => status)).toContain('fulfilled')
    await until('nothing to be parked', async () => (await parked()).length === 0)
    expect(done.toSorted()).toEqual(['a 1', 'a 2', 'b 1'])
  })

  test('asked for while nobody runs it is done when one starts', async () => {
    const poison = new Set(['a 1'])
    const { things, store, done, follower, open } = await setUp(poison)
    await appendCommits(things, 'a', [1, 1])
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 2)
    await follower.stop()
    poison.clear()
    await expect(requestParked(store, [named(things)], 'all', 'retry', 300)).rejects.toMatchObject({
      code: 'FOLLOWER_NOT_RUN',
    })
    const next = await open()
    next.start()
    await until('it to be done', async () => done.length === 2)
    expect(done).toEqual(['a 1', 'a 2'])
  })
})

describe('a reset', () => {
  /** One parked event, the second of three of `a`; one of another between. */
  async function withParked() {
    const warned: string[] = []
    const logger = { ...quiet, warn: (_: object, said: string) => void warned.push(said) }
    const poison = new Set(['a 2'])
    const all = await setUp(poison, { logger })
    const { things, store, follower } = all
    for (const [id, version] of [
      ['a', 1],
      ['a', 2],
      ['b', 1],
      ['a', 3],
    ] as const)
      await appendOne(things, id, version)
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 4)
    poison.clear()
    warned.length = 0
    const { created } = things.log
    return {
      ...all,
      warned,
      reset: (sequence: number) => resetFollower(store, named(things), { created, sequence }),
    }
  }

  test('to a place before what is parked tries it again as it comes by, with what its aggregate had before it', async () => {
    const { done, parked, reset, warned } = await withParked()
    await reset(0)
    await until('all to be done', async () => done.length === 6)
    expect(done.filter((name) => name.startsWith('a'))).toEqual(['a 1', 'a 1', 'a 2', 'a 3'])
    expect(await parked()).toEqual([])
    expect(warned).toContainEqual(expect.stringMatching(/what is parked at 2 is void: it comes by again$/))
  })

  test('to a place behind it leaves it parked; a retry handles what has waited', async () => {
    const { things, done, parked, reset, ask, warned } = await withParked()
    await reset(2)
    await appendOne(things, 'b', 2)
    await until('the other', async () => done.includes('b 2'))
    expect(await parked()).toMatchObject([{ id: 'a', sequence: 2, attempts: 1 }])
    expect(warned).not.toContainEqual(expect.stringContaining('void'))
    expect(await ask('all', 'retry')).toEqual({ cleared: 1, stayed: [] })
    expect(done.filter((name) => name.startsWith('a'))).toEqual(['a 1', 'a 2', 'a 3'])
  })

  test('after its stream was made anew forgets what was parked in the one before', async () => {
    const { nc, things, store, done, parked, follower, warned } = await withParked()
    const { streams } = await jetstreamManager(nc, { timeout: 50_000 })
    const { config } = await streams.info(things.log.stream)
    await streams.delete(things.log.stream)
    const { created } = await streams.add(config)
    for (let version = 1; version <= 4; version++) await appendOne(things, 'a', version)
    await until('it to be noticed', async () => follower.status().state === 'halted')
    // Not before: a consumer that is made again on the new stream goes on behind 4.
    await appendOne(things, 'a', 5)
    await resetFollower(store, named(things), { created, sequence: 3 })
    await until('the rest', async () => done.includes('a 5'))
    expect(done.slice(2)).toEqual(['a 4', 'a 5'])
    expect(await parked()).toEqual([])
    expect(warned).toContainEqual(
      expect.stringMatching(/what is parked at 2 is void: its stream is no more$/),
    )
  })
})

test('a restart with the checkpoint before what is parked leaves it parked, and does not repeat what was before it', async () => {
  const poison = new Set(['a 2'])
  const { things, done, follower, open, parked } = await setUp(poison, {
    handler:
      () =>
      async (commit, index, { signal }) => {
        if (commit.id === 'b') await new Promise((resolve) => signal.addEventListener('abort', resolve))
        signal.throwIfAborted()
        const name = nameOf(commit, index)
        if (poison.has(name)) throw new Error(`${name} is bad`)
        done.push(name)
      },
  })
  await appendCommits(things, 'b', [1])
  await appendCommits(things, 'a', [1, 1, 1])
  await until('it to be parked', async () => follower.status().parked === 1)
  await follower.stop()
  expect(follower.status().checkpoint).toBe(0)
  poison.clear()
  const next = await open()
  next.start()
  await appendOne(things, 'c', 1)
  await until('the other', async () => done.includes('c 1'))
  expect(done).toEqual(['a 1', 'c 1'])
  expect(await parked()).toMatchObject([{ id: 'a', sequence: 3 }])
})

test('a drop leaves the event out, and handles what waits behind it', async () => {
  const { things, done, follower, parked, ask } = await setUp(new Set(['a 2']))
  await appendCommits(things, 'a', [3, 1])
  await until('the checkpoint to pass it', async () => follower.status().checkpoint === 2)
  expect(await ask({ sequence: 1 }, 'drop')).toEqual({ cleared: 1, stayed: [] })
  expect(done).toEqual(['a 1', 'a 3', 'a 4'])
  expect(await parked()).toEqual([])
})
