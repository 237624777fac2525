import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type CommitQueue, openCommitQueue } from '../../src/projections/sources/commit-queue.ts'
import { sourceStreams } from '../../src/projections/sources/source-streams.ts'
import type { Tail } from '../../src/streams/log/tail.ts'
import { stackOfFile } from '../support/stack.ts'
import { opened } from './accounts.ts'
import { account, eventually, openSpace, parcel } from './support.ts'

const stack = stackOfFile()
const PATIENCE_MS = 50_000
/** Each holds a commit of one event. */
const EACH = 120

/** Two streams, full, and a queue over both that holds much less. */
async function openFull(buffer: number) {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  await space.log('POST', parcel)
  for (let n = 1; n <= EACH; n++) {
    await space.commit('account', `a-${n}`, opened('ann'))
    await space.commit('parcel', `p-${n}`, { type: 'parcel.sent', data: { to: 'ann' } })
  }
  const streams = sourceStreams({ name: 'person', from: [account, parcel] }, space.logs, space.namespace)
  const queue = await openCommitQueue({ sources: streams.map((stream) => ({ stream, after: 0 })), buffer })
  onTestFinished(() => queue.close())
  return { queue, streams: streams.map(({ log }) => log.stream) }
}

/** Takes so many commits out, as they come. */
async function take(queue: CommitQueue, count: number, max: number) {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const taken: Awaited<ReturnType<CommitQueue['peek']>> = []
  while (taken.length < count) {
    const some = await queue.peek(max, signal)
    taken.push(...some)
    queue.drop(some.length)
  }
  return taken
}

it('all of several streams come through a queue that is smaller than any, each in its order', async () => {
  const { queue, streams } = await openFull(10)
  const taken = await take(queue, 2 * EACH, 7)
  for (const stream of streams) {
    const sequences = taken.filter(({ position }) => position.stream === stream)
    expect(sequences.map(({ position }) => position.sequence)).toEqual(
      Array.from({ length: EACH }, (_, index) => index + 1),
    )
  }
  expect(queue.backlog()).toEqual({
    events: 0,
    pending: new Map(streams.map((stream) => [stream, 0])),
    oldest: undefined,
  })
})

it('holds no more than its buffer, and the commit that each stream had under way', async () => {
  const { queue, streams } = await openFull(10)
  let all: Awaited<ReturnType<CommitQueue['peek']>> = []
  // A server that stalls ends a peek early.
  await eventually('it is full', async () => {
    all = await queue.peek(1000, AbortSignal.timeout(PATIENCE_MS))
    return all.length >= 10
  })
  expect(all.length).toBeLessThanOrEqual(10 + streams.length)
  // What is not dropped is there again.
  expect((await queue.peek(3, AbortSignal.timeout(PATIENCE_MS))).map(({ position }) => position)).toEqual(
    all.slice(0, 3).map(({ position }) => position),
  )
  await eventually('both streams have said what they have', () => queue.backlog().events === 2 * EACH)
})

it('ends a wait with the reason of the signal, and with none when patience is over', async () => {
  const { queue } = await openFull(10)
  await take(queue, 2 * EACH, 100)
  expect(await queue.peek(5, AbortSignal.timeout(PATIENCE_MS), 20)).toEqual([])
  const stopping = new AbortController()
  const waiting = queue.peek(5, stopping.signal)
  stopping.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})

/** A stream that gives when it is told to: what matters here is what has come when, and what the server is said to have still. */
function givingStream(stream: string) {
  let sequence = 0
  const opened = Promise.withResolvers<Parameters<Tail['each']>[0]>()
  const ended = Promise.withResolvers<void>()
  const tail: Tail = {
    async each(handle) {
      opened.resolve(handle)
      await ended.promise
    },
    async *[Symbol.asyncIterator]() {},
    async close() {
      ended.resolve()
    },
  }
  return {
    source: { stream: { log: { stream, tail: async () => tail }, subjects: [] }, after: 0 },
    async give(pending: number) {
      sequence++
      const commit = {
        position: { stream, sequence },
        aggregate: 'account',
        id: 'a',
        events: [],
        recordedAt: sequence,
        previous: sequence - 1,
        size: 1,
      }
      await (
        await opened.promise
      )(commit, pending)
    },
    fail: (error: Error) => ended.reject(error),
  }
}

describe('a batch', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  async function open(names: string[], buffer = 100) {
    const streams = names.map(givingStream)
    const queue = await openCommitQueue({ sources: streams.map(({ source }) => source), buffer })
    onTestFinished(() => queue.close())
    /** What a `peek` has answered by now, by sequence. */
    const peeked = (max: number) => {
      const outcome: { sequences?: string; error?: string } = {}
      const peek = async () => {
        try {
          const commits = await queue.peek(max, new AbortController().signal)
          outcome.sequences = commits
            .map(({ position }) => `${position.stream}${position.sequence}`)
            .join(' ')
        } catch (error) {
          outcome.error = String(error)
        }
      }
      void peek()
      return async (ms = 0) => {
        await vi.advanceTimersByTimeAsync(ms)
        // What sockets have brought comes between a timer and what it does.
        await new Promise(setImmediate)
        return { ...outcome }
      }
    }
    const [one, two = one] = streams
    if (!one || !two) throw new Error('no stream')
    return { queue, peeked, one, two }
  }

  it('waits for what is known to come', async () => {
    const { peeked, one } = await open(['A'])
    await one.give(2)
    const now = peeked(5)
    expect(await now()).toEqual({})
    await one.give(1)
    expect(await now()).toEqual({})
    await one.give(0)
    expect(await now()).toEqual({ sequences: 'A1 A2 A3' })
  })

  it('waits for all of its streams', async () => {
    const { peeked, one, two } = await open(['A', 'B'])
    await two.give(1)
    await one.give(0)
    const now = peeked(5)
    expect(await now()).toEqual({})
    await two.give(0)
    expect(await now()).toEqual({ sequences: 'B1 A1 B2' })
  })

  it('is there as soon as there are as many as it takes, or as the buffer holds', async () => {
    const { peeked, one } = await open(['A'], 3)
    const two = peeked(2)
    await one.give(9)
    expect(await two()).toEqual({})
    await one.give(8)
    expect(await two()).toEqual({ sequences: 'A1 A2' })
    const many = peeked(50)
    expect(await many()).toEqual({})
    void one.give(7)
    expect(await many()).toEqual({ sequences: 'A1 A2 A3' })
  })

  it('is what is here when nothing comes for a while', async () => {
    const { peeked, one } = await open(['A'])
    await one.give(7)
    const now = peeked(5)
    expect(await now(99)).toEqual({})
    expect(await now(1)).toEqual({ sequences: 'A1' })
  })

  it('is what came before its stream ended; then the reason is told', async () => {
    const { queue, peeked, one } = await open(['A'])
    await one.give(7)
    const now = peeked(5)
    expect(await now()).toEqual({})
    one.fail(new Error('torn'))
    expect(await now()).toEqual({ sequences: 'A1' })
    queue.drop(1)
    expect(await peeked(5)()).toEqual({ error: 'Error: torn' })
  })

  it('is none of what was dropped, however far it had come', async () => {
    const { queue, peeked, one } = await open(['A'], 2)
    await one.give(3)
    void one.give(2)
    queue.drop(1)
    void one.give(1)
    expect(await peeked(5)()).toEqual({ sequences: 'A2 A3' })
    queue.drop(2)
    void one.give(0)
    expect(await peeked(5)()).toEqual({ sequences: 'A4' })
    expect(queue.backlog()).toMatchObject({ events: 0, pending: new Map([['A', 1]]), oldest: 4 })
  })
})
