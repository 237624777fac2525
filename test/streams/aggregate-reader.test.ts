import { describe, expect, test } from 'vitest'
import { MalformedCommitError } from '../../src/streams/events/commit.ts'
import { all, appendCommits, connectTo, openTestLog, someEvents, useNats, versionsOf } from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** Histories of one event a commit and of several, on both sides of the length from which a scan is used. */
const histories: [string, number[]][] = [
  ['one commit', [1]],
  ['one commit of 40 events', [40]],
  ['a short history', [1, 2, 3, 1, 5]],
  ['24 commits', Array.from({ length: 24 }, () => 1)],
  ['25 commits', Array.from({ length: 25 }, () => 1)],
  ['26 commits', Array.from({ length: 26 }, () => 1)],
  ['60 commits of several events', Array.from({ length: 60 }, (_, index) => (index % 4) + 1)],
  ['a large commit before small ones', [100, 1, 1]],
  ['a large commit after small ones', [1, 1, 100]],
]

describe.each(histories)('%s', (_, sizes) => {
  const total = sizes.reduce((sum, size) => sum + size, 0)

  test('is read forwards, backwards, from any version and after any commit', async () => {
    const things = await openTestLog(await connectTo(nats()))
    const { read } = things.log
    const subject = things.subject('a')
    await appendCommits(things, 'other', [1, 1])
    const first = sizes.slice(0, 3)
    await appendCommits(things, 'a', first)
    await appendCommits(things, 'b', [1])
    let version = first.reduce((sum, size) => sum + size, 1)
    for (const size of sizes.slice(3)) {
      const expected = await things.log.leaderSequence(subject)
      await things.log.append({ subject, expected, events: someEvents(version, size) })
      version += size
    }

    const forwards = await all(read.forwards(subject, 1))
    expect(versionsOf(forwards)).toEqual(upTo(total))
    expect(forwards.map(({ events }) => events.length)).toEqual(sizes)
    expect(await all(read.backwards(subject))).toEqual(forwards.toReversed())
    for (const from of new Set([1, 2, Math.ceil(total / 2), total - 1, total].filter((one) => one > 0))) {
      const expected = forwards.filter((commit) => versionsOf([commit]).some((one) => one >= from))
      expect(await all(read.forwards(subject, from)), `from ${from}`).toEqual(expected)
    }
    expect(await all(read.forwards(subject, total + 1))).toEqual([])
    for (const [index, { position }] of forwards.entries()) {
      if (index % 7 !== 0) continue
      expect(await all(read.since(subject, position.sequence))).toEqual(forwards.slice(index + 1))
      expect(await all(read.backwards(subject, position.sequence))).toEqual(
        forwards.slice(0, index + 1).toReversed(),
      )
      expect(await read.at(position.sequence)).toEqual(forwards[index])
    }
    expect(await read.last(subject)).toEqual(forwards.at(-1))
    expect(await read.last(subject)).toMatchObject({ aggregate: 'thing', id: 'a' })
  })
})

test('pages of a long history join without a gap', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const count = 2001
  let expected = 0
  for (let version = 1; version <= count; version++) {
    expected = await things.log.append({
      subject: things.subject('a'),
      expected,
      events: someEvents(version),
    })
  }
  expect(versionsOf(await all(things.log.read.since(things.subject('a'), 0)))).toEqual(upTo(count))
  expect(versionsOf(await all(things.log.read.forwards(things.subject('a'), 1)))).toEqual(upTo(count))
})

test('the last commit is the one of its aggregate, from a replica or from the leader', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 2])
  await appendCommits(things, 'b', [1])
  const { read } = things.log
  const last = await read.last(things.subject('a'))
  expect(last).toMatchObject({ position: { sequence: 2 }, aggregate: 'thing', id: 'a' })
  expect(await read.leaderLast(things.subject('a'))).toEqual(last)
})

test('an aggregate without commits has nothing to read', async () => {
  const { log, subject } = await openTestLog(await connectTo(nats()))
  expect(await log.read.last(subject('a'))).toBeUndefined()
  expect(await log.read.leaderLast(subject('a'))).toBeUndefined()
  expect(await log.read.at(1)).toBeUndefined()
  expect(await all(log.read.forwards(subject('a'), 1))).toEqual([])
  expect(await all(log.read.backwards(subject('a')))).toEqual([])
  expect(await all(log.read.since(subject('a'), 0))).toEqual([])
})

test('a commit that another program wrote without an expectation does not break the chain', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const subject = things.subject('a')
  await appendCommits(things, 'a', [1, 2])
  await request(nc, subject, JSON.stringify(someEvents(4)))
  const expected = await things.log.leaderSequence(subject)
  await things.log.append({ subject, expected, events: someEvents(5) })
  const forwards = await all(things.log.read.forwards(subject, 1))
  expect(versionsOf(forwards)).toEqual([1, 2, 3, 4, 5])
  expect(forwards.map(({ previous }) => previous)).toEqual([0, 1, undefined, 3])
  expect(await all(things.log.read.backwards(subject))).toEqual(forwards.toReversed())
})

describe('a message that is no commit is named with its position', () => {
  const event = { id: 'e', type: 't', sequence: 1, time: '2026-01-31T10:00:00Z', data: {} }
  const bad: [string, string][] = [
    ['no JSON', 'hello'],
    ['an empty body', ''],
    ['no array', JSON.stringify(event)],
    ['an empty array', '[]'],
    ['null in it', '[null]'],
    ['no type', JSON.stringify([{ ...event, type: undefined }])],
    ['a sequence in words', JSON.stringify([{ ...event, sequence: 'one' }])],
    ['no data', JSON.stringify([{ ...event, data: undefined }])],
  ]
  test.each(bad)('%s', async (_, body) => {
    const nc = await connectTo(nats())
    const things = await openTestLog(nc)
    await appendCommits(things, 'b', [1])
    await request(nc, things.subject('a'), body)
    const failure = await all(things.log.read.forwards(things.subject('a'), 1)).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(MalformedCommitError)
    expect(failure).toMatchObject({
      position: { stream: things.log.stream, sequence: 2 },
      code: 'MALFORMED_COMMIT',
    })
    expect(String(failure)).toContain(`${things.log.stream} 2`)
  })
})
