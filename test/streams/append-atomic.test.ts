import { expect, test } from 'vitest'
import { startProxy } from '../support/tcp-proxy.ts'
import {
  all,
  appendCommits,
  connectTo,
  eventually,
  openTestLog,
  someEvents,
  startOwnNats,
  useNats,
} from './support.ts'

const nats = useNats()

test('commits of several aggregates are stored side by side, in the order given', async () => {
  const { log, subject } = await openTestLog(await connectTo(nats()))
  const draft = (id: string, count: number) => ({
    subject: subject(id),
    expected: 0,
    events: someEvents(1, count),
  })
  expect(await log.appendAtomic([draft('b', 1), draft('a', 2), draft('c', 1)])).toEqual([1, 2, 3])
  expect(await all(log.read.forwards(subject('a'), 1))).toMatchObject([
    { position: { sequence: 2 }, previous: 0 },
  ])
  expect(await log.appendAtomic([draft('d', 1)])).toEqual([4])
  expect(await log.appendAtomic([])).toEqual([])
})

test.each([0, 1, 2])('a conflict on the commit at %i refuses all of them', async (conflicting) => {
  const things = await openTestLog(await connectTo(nats()))
  const { log, subject } = things
  const ids = ['a', 'b', 'c']
  await appendCommits(things, ids[conflicting] ?? '', [1])
  const drafts = ids.map((id) => ({ subject: subject(id), expected: 0, events: someEvents(1) }))
  await expect(log.appendAtomic(drafts)).rejects.toMatchObject({ code: 'CONFLICT', status: 409 })
  expect((await log.bounds()).last).toBe(1)
})

test('the same aggregate twice is a RangeError', async () => {
  const { log, subject } = await openTestLog(await connectTo(nats()))
  const draft = { subject: subject('a'), expected: 0, events: someEvents(1) }
  await expect(log.appendAtomic([draft, draft])).rejects.toThrow(RangeError)
  expect((await log.bounds()).last).toBe(0)
})

test('commits whose answer is lost are stored once and answered with their sequences', async () => {
  const proxy = await startProxy(nats())
  const { log, namespace, subject } = await openTestLog(await connectTo(nats()))
  const { log: far } = await openTestLog(await connectTo(proxy), { namespace })
  const drafts = ['a', 'b'].map((id) => ({ subject: subject(id), expected: 0, events: someEvents(1) }))
  proxy.loseAnswers()
  const appending = far.appendAtomic(drafts)
  await eventually(async () => (await log.bounds()).last === 2 && proxy.lost > 0)
  proxy.sever()
  expect(await appending).toEqual([1, 2])
  expect((await log.bounds()).last).toBe(2)
  await proxy.close()
})

test('over crashes of the server all are stored, or none', async () => {
  const own = await startOwnNats()
  const { log, subject } = await openTestLog(await connectTo(own))
  const done = { crashes: 0 }
  const writing = (async () => {
    const answered: number[][] = []
    for (let round = 0; done.crashes < 2 || round < 20; round++) {
      const drafts = ['a', 'b', 'c'].map((id) => ({
        subject: subject(`${id}${round}`),
        expected: 0,
        events: someEvents(1),
      }))
      answered.push(await log.appendAtomic(drafts))
    }
    return answered
  })()
  for (; done.crashes < 2; done.crashes++) {
    const { last } = await log.bounds()
    await eventually(async () => (await log.bounds()).last > last + 30)
    await own.crash()
  }
  const answered = await writing
  expect(answered.flat()).toEqual(answered.flat().map((_, index) => index + 1))
  expect((await log.bounds()).last).toBe(answered.flat().length)
})
