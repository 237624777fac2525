import type { JetStreamManager } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ConflictError, LogUnavailableError } from '../../src/streams/log-errors.ts'
import { type TestLog, connectTo, openTestLog, someEvents, startOwnNats } from '../streams/support.ts'
import { TRIES, bestOf } from '../support/best-of.ts'
import { type ReplicaProcess, startReplicaProcess } from '../support/replica-process.ts'
import { until } from '../support/until.ts'
import { openFeedStream } from './thing-feed.ts'

const fixture = new URL('feed.fixture.ts', import.meta.url)
/** Some 2,000 events a second: more says nothing more. */
const PACE_MS = 4
/** Which process is killed; `both` the first replica and the server. */
const FAULTS = ['first', 'server', 'second', 'server', 'both', 'first'] as const
const AGGREGATES = ['a', 'b', 'c', 'd', 'e']

async function setUp() {
  const nats = await startOwnNats()
  const nc = await connectTo(nats)
  const things = await openTestLog(nc)
  const { namespace } = things
  const { jsm, stream } = await openFeedStream(nc, namespace)
  return { nats, jsm, things, stream, replica: () => startReplicaProcess(fixture, nats.url, namespace) }
}

/** Appends commits of one to three events to some aggregates until it is told to stop. */
function write(things: TestLog) {
  const state = { running: true, events: 0 }
  const versions = new Map<string, number>()
  const writers = AGGREGATES.map(async (id) => {
    let expected = 0
    for (let version = 1; state.running;) {
      const events = someEvents(version, 1 + (version % 3)).map((event) => ({
        ...event,
        id: randomUUID(),
        subject: id,
      }))
      try {
        await delay(PACE_MS)
        expected = await things.log.append({ subject: things.subject(id), expected, events })
        version += events.length
        state.events += events.length
        versions.set(id, version - 1)
      } catch (error) {
        if (!(error instanceof LogUnavailableError || error instanceof ConflictError)) throw error
        // It may be stored all the same: the log knows.
        const last = await things.log.read.leaderLast(things.subject(id))
        expected = last?.position.sequence ?? 0
        version = (last?.events.at(-1)?.sequence ?? 0) + 1
        versions.set(id, version - 1)
      }
    }
  })
  return {
    state,
    async stop() {
      state.running = false
      await Promise.all(writers)
      return versions
    },
  }
}

/** The versions in the feed, by aggregate, in its order. */
async function published(jsm: JetStreamManager, stream: string) {
  const found = new Map<string, number[]>(AGGREGATES.map((id) => [id, []]))
  const { state } = await jsm.streams.info(stream)
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq;) {
    const batch = await jsm.direct.getBatch(stream, { seq, batch: 500 })
    for await (const message of batch) {
      found.get(message.header.get('ce-subject'))?.push(Number(message.header.get('ce-sequence')))
      seq = message.seq + 1
    }
  }
  return found
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

async function expectAllOnce(
  { jsm, stream }: Pick<Awaited<ReturnType<typeof setUp>>, 'jsm' | 'stream'>,
  versions: ReadonlyMap<string, number>,
) {
  const total = [...versions.values()].reduce((sum, version) => sum + version, 0)
  await until(
    'every event to be published',
    async () => (await jsm.streams.info(stream)).state.messages >= total,
  )
  const found = await published(jsm, stream)
  for (const [id, version] of versions) expect(found.get(id)).toEqual(upTo(version))
}

test(`while replicas and the server are killed (${FAULTS.length} faults), every event is in the feed once and in order, also when the server forgets ids`, async () => {
  const { nats, jsm, things, stream, replica } = await setUp()
  // As if each fault lasted for longer than two minutes: nothing rests on what the server remembers.
  const { config } = await jsm.streams.info(stream)
  await jsm.streams.update(stream, { ...config, duplicate_window: nanos(100) })
  const replicas = [await replica(), await replica()]
  const writing = write(things)
  const count = async () => (await jsm.streams.info(stream).catch(() => undefined))?.state.messages ?? 0
  for (const fault of FAULTS) {
    const before = await count()
    await until('the feed to go on', async () => (await count()) > before + 300)
    if (fault === 'server') await nats.crash()
    if (fault === 'both') await nats.kill()
    if (fault === 'first' || fault === 'both') await replicas[0]?.end()
    if (fault === 'second') await replicas[1]?.end()
    if (fault === 'both') await nats.restart()
    if (fault === 'second') replicas[1] = await replica()
    if (fault === 'first' || fault === 'both') replicas[0] = await replica()
  }
  const versions = await writing.stop()
  await expectAllOnce({ jsm, stream }, versions)
  console.log(`${FAULTS.length} faults, ${(await count()).toLocaleString('en')} events published`)
})

test('another replica goes on within 5 s after a kill -9, at once after an orderly stop; one that was paused does no harm (3 faults, repeated while a loaded machine is too slow)', async () => {
  const { jsm, things, stream, replica } = await setUp()
  let first = await replica()
  const writing = write(things)
  const count = async () => (await jsm.streams.info(stream)).state.messages
  const goesOn = async () => {
    const before = await count()
    const at = Date.now()
    await until('the feed to go on', async () => (await count()) > before + 20)
    return Date.now() - at
  }
  await goesOn()
  // The first has the feed, at the beginning and at the end of each measurement.
  const afterPause = async () => {
    const second = await replica()
    first.signal('SIGSTOP')
    const took = await goesOn()
    first.signal('SIGCONT')
    await goesOn()
    stopped.push(await afterStopOf(second))
    return took
  }
  const stopped: number[] = []
  const afterStopOf = async (one: ReplicaProcess) => {
    await one.end('SIGTERM')
    return await goesOn()
  }
  const afterKill = async () => {
    const third = await replica()
    await first.end()
    first = third
    return await goesOn()
  }
  expect(await bestOf(5500, afterPause)).toBeLessThan(5500)
  while (stopped.length < TRIES && Math.min(...stopped) >= 2500) await afterPause()
  expect(Math.min(...stopped)).toBeLessThan(2500)
  expect(await bestOf(5500, afterKill)).toBeLessThan(5500)
  await expectAllOnce({ jsm, stream }, await writing.stop())
  await first.end('SIGTERM')
})
