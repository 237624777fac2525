import { jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, test } from 'vitest'
import { LogUnavailableError } from '../../src/streams/log-errors.ts'
import { append } from '../../src/streams/log/append.ts'
import { createRequester } from '../../src/streams/log/requester.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import {
  all,
  appendCommits,
  connectTo,
  eventually,
  openTestLog,
  someEvents,
  startOwnNats,
  uniqueName,
  useNats,
  versionsOf,
} from './support.ts'

const nats = useNats()

test('commits follow one another by the sequence of the last', async () => {
  const things = await openTestLog(await connectTo(nats()))
  expect(await appendCommits(things, 'a', [1, 3])).toEqual([1, 2])
  expect(await appendCommits(things, 'b', [2])).toEqual([3])
  expect(versionsOf(await all(things.log.read.forwards(things.subject('a'), 1)))).toEqual([1, 2, 3, 4])
  expect(await things.log.leaderSequence(things.subject('a'))).toBe(2)
  expect(await things.log.leaderSequence(things.subject('nobody'))).toBe(0)
  expect(await things.log.bounds()).toEqual({ first: 1, last: 3, deleted: 0, created: things.log.created })
})

test('a leader that cannot say a sequence has not said that there is none (1 fault)', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  await appendCommits(things, 'a', [1])
  await (await jetstreamManager(nc)).streams.delete(things.log.stream)
  await expect(things.log.leaderSequence(things.subject('a'))).rejects.toThrow(LogUnavailableError)
})

test.each([0, 1, 7])(
  'an expectation of %i that does not hold is a conflict, and nothing is stored',
  async (expected) => {
    const things = await openTestLog(await connectTo(nats()))
    await appendCommits(things, 'a', [1, 1])
    const refused = things.log.append({ subject: things.subject('a'), expected, events: someEvents(3) })
    await expect(refused).rejects.toMatchObject({
      code: 'CONFLICT',
      status: 409,
      message: `${things.subject('a')} has changed since sequence ${expected}`,
    })
    expect((await things.log.bounds()).last).toBe(2)
  },
)

describe('after an attempt that nobody has answered', () => {
  /** A log whose server answers the second attempt with an error, and the third as it is. */
  async function answering(error: object) {
    const nc = await connectTo(nats())
    const things = await openTestLog(nc)
    const requester = createRequester(nc)
    const inbox = `${uniqueName()}.answers`
    nc.subscribe(inbox, { callback: (_, message) => void message.respond(JSON.stringify({ error })) })
    let attempts = 0
    const appending = append(
      { subject: things.subject('a'), expected: 0, events: someEvents(1) },
      {
        nc,
        timeoutMs: 50_000,
        findNext: async () => undefined,
        requester: {
          async request(subject, payload, head) {
            attempts++
            if (attempts === 1) return undefined
            return await requester.request(attempts === 2 ? inbox : subject, payload, head, 50_000)
          },
        },
      },
    )
    return { appending, attempts: () => attempts }
  }

  test('a refusal of the next one does not say that nothing is stored', async () => {
    const { appending } = await answering({
      code: 400,
      err_code: 10_077,
      description: 'maximum bytes exceeded',
    })
    await expect(appending).rejects.toMatchObject({
      outcome: 'unknown',
      message: expect.stringMatching(/may or may not be stored.*maximum bytes exceeded$/),
    })
  })

  test('it is tried again while the first is on its way', async () => {
    const { appending, attempts } = await answering({
      code: 409,
      err_code: 10_158,
      description: 'in process',
    })
    expect(await appending).toBe(1)
    expect(attempts()).toBe(3)
  })
})

test('of many writers with the same expectation one wins', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const attempts = Array.from({ length: 50 }, () =>
    things.log.append({ subject: things.subject('a'), expected: 0, events: someEvents(1) }),
  )
  const results = await Promise.allSettled(attempts)
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await things.log.bounds()).last).toBe(1)
})

test('a commit larger than a message of the server is refused as such', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const events = someEvents(1).map((event) => ({ ...event, data: 'x'.repeat(4 * 1024 * 1024) }))
  const refused = things.log.append({ subject: things.subject('a'), expected: 0, events })
  await expect(refused).rejects.toMatchObject({ code: 'COMMIT_TOO_LARGE', status: 413 })
  expect((await things.log.bounds()).last).toBe(0)
})

test.each([120_000, 100])(
  'a commit whose answer is lost is stored once and answered with its sequence (duplicate window %i ms)',
  async (windowMs) => {
    const proxy = await startProxy(nats())
    const observer = await openTestLog(await connectTo(nats()))
    const { namespace, log, subject } = observer
    const jsm = await jetstreamManager(await connectTo(nats()))
    await jsm.streams.update(log.stream, { duplicate_window: windowMs * 1e6 })
    await appendCommits(observer, 'a', [1])
    const nc = await connectTo(proxy)
    const { log: far } = await openTestLog(nc, { namespace }).catch(async (error: unknown) => {
      await proxy.close()
      throw error
    })

    proxy.loseAnswers()
    const appending = far.append({ subject: subject('a'), expected: 1, events: someEvents(2) })
    await eventually(async () => (await log.bounds()).last === 2 && proxy.lost > 0)
    proxy.sever()

    expect(await appending).toBe(2)
    expect(versionsOf(await all(log.read.forwards(subject('a'), 1)))).toEqual([1, 2])
    await nc.close()
    await proxy.close()
  },
)

test('without any answer the outcome is unknown, and it says so in time', async () => {
  const proxy = await startProxy(nats())
  const { log, subject } = await openTestLog(await connectTo(proxy), { appendTimeoutMs: 300 })
  proxy.loseAnswers()
  const failure = await log
    .append({ subject: subject('a'), expected: 0, events: someEvents(1) })
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(LogUnavailableError)
  expect(failure).toMatchObject({ outcome: 'unknown', status: 503, retryAfterMs: 1000 })
  await proxy.close()
})

test('a leader that does not answer is asked again, and then it is said that it did not', async () => {
  const proxy = await startProxy(nats())
  const { log, subject } = await openTestLog(await connectTo(proxy))
  proxy.loseAnswers()
  const failure = await log.leaderSequence(subject('a')).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(LogUnavailableError)
  expect(failure).toMatchObject({ cause: { message: `no answer to a message get from ${log.stream}` } })
  await proxy.close()
})

test('a log that has no room refuses commits, one or several, and stores nothing of them', async () => {
  const nc = await connectTo(nats())
  const { log, subject } = await openTestLog(nc)
  const draft = (id: string) => ({ subject: subject(id), expected: 0, events: someEvents(1) })
  await log.append(draft('a'))
  await (await jetstreamManager(nc)).streams.update(log.stream, { max_msgs: 1 })
  const refusal = { outcome: 'refused', message: expect.stringMatching(/^The log refused the commits?: max/) }
  await expect(log.append(draft('b'))).rejects.toMatchObject(refusal)
  await expect(log.appendAtomic([draft('b'), draft('c')])).rejects.toMatchObject(refusal)
  expect(await log.bounds()).toMatchObject({ first: 1, last: 1, deleted: 0 })
})

test('commits in flight while the server is killed are each stored once (1 fault)', async () => {
  const own = await startOwnNats()
  const { log, subject } = await openTestLog(await connectTo(own), { appendTimeoutMs: 50_000 })
  const ids = Array.from({ length: 20 }, (_, index) => `a${index}`)
  let crashed = false
  const writers = ids.map(async (id) => {
    const sequences: number[] = []
    // Every writer writes before the crash, over it, and once after.
    for (let last = false; !last;) {
      last = crashed
      const expected = sequences.at(-1) ?? 0
      sequences.push(
        await log.append({ subject: subject(id), expected, events: someEvents(sequences.length + 1) }),
      )
    }
    return sequences
  })
  await eventually(async () => (await log.bounds()).last > 100)
  await own.crash()
  crashed = true
  for (const [index, sequences] of (await Promise.all(writers)).entries()) {
    const commits = await all(log.read.forwards(subject(`a${index}`), 1))
    expect(commits.map(({ position }) => position.sequence)).toEqual(sequences)
    expect(versionsOf(commits)).toEqual(sequences.map((_, version) => version + 1))
  }
})
