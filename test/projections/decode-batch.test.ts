import { expect, it, onTestFinished } from 'vitest'
import { decodeBatch } from '../../src/projections/batch/decode-batch.ts'
import { createFoldedRows } from '../../src/projections/rebuild/folded-rows.ts'
import { sourcesByName } from '../../src/projections/sources/source-streams.ts'
import type { Commit } from '../../src/streams/events/commit.ts'
import { appendCommits, connectTo, openTestLog, useNats } from '../streams/support.ts'
import { accountProjection } from './accounts.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}

it('what is of no source of a projection, or no commit, is told with its place in the batch', async () => {
  const nc = await connectTo(nats())
  const { log, subject } = await openTestLog(nc)
  await appendCommits({ log, namespace: '', subject }, 'a', [1])
  await request(nc, subject('b'), 'nonsense')
  const projection = accountProjection()
  const stranger = await log.read.at(1)
  const tail = await log.tail({ startAt: { after: 1 }, malformed: 'keep' })
  onTestFinished(() => tail.close())
  const garbage = await firstOf(tail)
  const sources = sourcesByName(projection)
  const decode = (commit: Commit | undefined) => () =>
    decodeBatch(projection, sources, commit ? [commit] : [])
  const told = (index: number, message: string) =>
    expect.objectContaining({ index, message: expect.stringContaining(message) })
  expect(decode(stranger)).toThrow(told(0, 'thing is none of its sources'))
  expect(decode(garbage?.commit)).toThrow(told(0, 'is not a commit'))
})

it('folded rows tell what changed: new ones, changed ones, and those that are gone', () => {
  const rows = createFoldedRows()
  rows.bring('kept', { id: 'kept' })
  rows.bring('changed', { id: 'changed', n: 1 })
  rows.bring('gone', { id: 'gone' })
  rows.bring('never', null)
  rows.bring('new', null)
  rows.set('changed', { id: 'changed', n: 2 })
  rows.set('gone', null)
  rows.set('never', null)
  rows.set('new', { id: 'new' })
  // Nobody has brought it: it is not for here.
  rows.set('unknown', { id: 'unknown' })
  expect(rows.has('unknown')).toBe(false)
  expect(rows.changes()).toEqual({
    fresh: [{ id: 'new' }],
    changed: [{ id: 'changed', n: 2 }],
    gone: ['gone'],
  })
})
