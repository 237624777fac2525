import { onTestFinished, expect, test } from 'vitest'
import { MalformedCommitError } from '../../src/streams/events/commit.ts'
import type { EventLog } from '../../src/streams/log/event-log.ts'
import type { Delivery } from '../../src/streams/log/tail.ts'
import {
  appendCommits,
  connectTo,
  eventually,
  openTestLog,
  someEvents,
  startOwnNats,
  useNats,
} from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

/** Follows the log, and keeps what it is told. */
async function follow(log: EventLog, options: Parameters<EventLog['tail']>[0]) {
  const tail = await log.tail(options)
  const seen: Delivery[] = []
  const ended = (async () => {
    for await (const delivery of tail) seen.push(delivery)
  })()
  onTestFinished(() => tail.close())
  return {
    seen,
    ended,
    close: () => tail.close(),
    sequences: () => seen.map(({ commit }) => commit.position.sequence),
  }
}

test('from a sequence: everything after it, and what comes', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1])
  const { seen, sequences } = await follow(things.log, { startAt: { after: 1 } })
  await appendCommits(things, 'b', [2])
  await eventually(() => seen.length >= 3)
  expect(sequences()).toEqual([2, 3, 4])
  expect(seen.at(-1)).toMatchObject({ pending: 0, commit: { aggregate: 'thing', id: 'b', previous: 0 } })
})

test('from now: only what comes', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1])
  const { seen, sequences } = await follow(things.log, { startAt: 'now' })
  await appendCommits(things, 'b', [1, 1])
  await eventually(() => seen.length >= 2)
  expect(sequences()).toEqual([4, 5])
})

test('from a time: what was recorded then and later', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1])
  const second = await things.log.read.at(2)
  const time = new Date(second?.recordedAt ?? 0)
  await eventually(() => Date.now() > time.getTime() + 1)
  await appendCommits(things, 'b', [1])
  const then = await follow(things.log, { startAt: { time } })
  const before = await follow(things.log, { startAt: { time: new Date(0) } })
  const after = await follow(things.log, { startAt: { time: new Date(Date.now() + 60_000) } })
  await appendCommits(things, 'c', [1])
  await eventually(
    () => after.seen.length === 1 && before.seen.length === 4 && then.seen.at(-1)?.commit.id === 'c',
  )
  expect(then.sequences()).toContain(2)
  expect(before.sequences()).toEqual([1, 2, 3, 4])
  expect(after.sequences()).toEqual([4])
})

test('only the subjects asked for', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const { seen, sequences } = await follow(things.log, {
    startAt: { after: 0 },
    subjects: [things.subject('b'), things.subject('c')],
  })
  await appendCommits(things, 'a', [1])
  await appendCommits(things, 'b', [1])
  await appendCommits(things, 'a2', [1])
  await appendCommits(things, 'c', [1])
  await eventually(() => seen.length >= 2)
  expect(sequences()).toEqual([2, 4])
})

test('a message that is no commit throws where it stands, with its position', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  await appendCommits(things, 'a', [1])
  await request(nc, things.subject('a'), 'garbage')
  const { seen, ended } = await follow(things.log, { startAt: { after: 0 } })
  const failure = await ended.catch((error: unknown) => error)
  expect(seen).toHaveLength(1)
  expect(failure).toBeInstanceOf(MalformedCommitError)
  expect(failure).toMatchObject({ position: { sequence: 2 } })
})

test('a closed tail ends', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const { close, ended } = await follow(things.log, { startAt: 'now' })
  await close()
  await ended
})

test('it goes on over crashes of the server without a gap or a repeat (2 faults)', async () => {
  const own = await startOwnNats()
  const things = await openTestLog(await connectTo(own), { appendTimeoutMs: 50_000 })
  const { seen, sequences } = await follow(things.log, { startAt: { after: 0 }, prefetch: 50 })
  const idle = await follow(things.log, { startAt: 'now' })
  const done = { crashes: 0 }
  let written = 0
  const writing = (async () => {
    for (let version = 1; done.crashes < 2 || version <= 50; version++) {
      written = await things.log.append({
        subject: things.subject('a'),
        expected: written,
        events: someEvents(version),
      })
    }
  })()
  for (; done.crashes < 2; done.crashes++) {
    const before = written
    await eventually(() => written > before + 50 && seen.length > before)
    await own.crash()
  }
  await writing
  await eventually(() => seen.length >= written && idle.seen.length >= written)
  const expected = Array.from({ length: written }, (_, index) => index + 1)
  expect(sequences()).toEqual(expected)
  expect(idle.sequences()).toEqual(expected)
})
