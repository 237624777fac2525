import { expect, it, onTestFinished } from 'vitest'
import { type CommitQueue, openCommitQueue } from '../../src/projections/sources/commit-queue.ts'
import { sourceStreams } from '../../src/projections/sources/source-streams.ts'
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
  const all = await queue.peek(1000, AbortSignal.timeout(PATIENCE_MS))
  expect(all.length).toBeGreaterThanOrEqual(10)
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
