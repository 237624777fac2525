import { headers } from '@nats-io/nats-core'
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

test('over crashes of the server all are stored, or none (2 faults)', async () => {
  const own = await startOwnNats()
  const { log, subject } = await openTestLog(await connectTo(own), { appendTimeoutMs: 50_000 })
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

test('while too many batches of others are on their way it waits its turn', async () => {
  const nc = await connectTo(nats())
  const { log, subject } = await openTestLog(nc)
  const of = (batch: string, sequence: number) => {
    const head = headers()
    head.set('Nats-Batch-Id', batch)
    head.set('Nats-Batch-Sequence', `${sequence}`)
    return head
  }
  const others = Array.from({ length: 50 }, (_, index) => `batch-${index}`)
  for (const batch of others) nc.publish(subject(batch), '[]', { headers: of(batch, 1) })
  const appending = log.appendAtomic([{ subject: subject('a'), expected: 0, events: someEvents(1) }])
  // What is answered after it says that the server has seen it, and why it could not take it.
  const refused = await nc.request(subject('b'), '[]', { headers: of('one-more', 1), timeout: 15_000 })
  expect(refused.json()).toMatchObject({ error: { err_code: 10210 } })
  for (const batch of others) {
    const head = of(batch, 2)
    head.set('Nats-Batch-Commit', '1')
    nc.publish(subject(`${batch}-2`), '[]', { headers: head })
  }
  expect(await appending).toEqual([101])
})
