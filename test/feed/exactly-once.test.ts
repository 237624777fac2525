import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { provisionFeed } from '../../src/feed/provision-feed.ts'
import { ConflictError, LogUnavailableError } from '../../src/streams/log-errors.ts'
import { type TestLog, connectTo, openTestLog, someEvents, startOwnNats } from '../streams/support.ts'
import { until } from '../support/until.ts'

const fixture = fileURLToPath(new URL('feed.fixture.ts', import.meta.url))
/** Some 2,000 events a second: more says nothing more. */
const PACE_MS = 4
const AGGREGATES = ['a', 'b', 'c', 'd', 'e']

async function startReplica(url: string, namespace: string) {
  const child = spawn(process.execPath, [fixture, url, namespace], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    signal: (name: NodeJS.Signals) => child.kill(name),
    async kill(name: NodeJS.Signals = 'SIGKILL') {
      const exited = once(child, 'exit')
      child.kill(name)
      await exited
    },
  }
}

async function setUp() {
  const nats = await startOwnNats()
  const nc = await connectTo(nats)
  const things = await openTestLog(nc)
  const { namespace } = things
  const stream = `${namespace.toUpperCase()}_FEED`
  const jsm = await jetstreamManager(nc, { timeout: 2000, checkAPI: false })
  await provisionFeed({
    jsm,
    stream,
    namespace,
    replicas: 1,
    storage: 'file',
    maxAgeMs: 3_600_000,
    onMigration() {},
  })
  return { nats, jsm, things, stream, replica: () => startReplica(nats.url, namespace) }
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

test('while replicas and the server are killed, every event is in the feed once and in order, also when the server forgets ids', async () => {
  const { nats, jsm, things, stream, replica } = await setUp()
  // As if each fault lasted for longer than two minutes: nothing rests on what the server remembers.
  const { config } = await jsm.streams.info(stream)
  await jsm.streams.update(stream, { ...config, duplicate_window: nanos(100) })
  const replicas = [await replica(), await replica()]
  const writing = write(things)
  const count = async () => (await jsm.streams.info(stream).catch(() => undefined))?.state.messages ?? 0
  for (const fault of ['first', 'server', 'second', 'server', 'both', 'first'] as const) {
    const before = await count()
    await until('the feed to go on', async () => (await count()) > before + 300)
    if (fault === 'server') await nats.crash()
    if (fault === 'both') await nats.kill()
    if (fault === 'first' || fault === 'both') await replicas[0]?.kill()
    if (fault === 'second') await replicas[1]?.kill()
    if (fault === 'both') await nats.restart()
    if (fault === 'second') replicas[1] = await replica()
    if (fault === 'first' || fault === 'both') replicas[0] = await replica()
  }
  const versions = await writing.stop()
  await expectAllOnce({ jsm, stream }, versions)
  console.log(`6 faults, ${(await count()).toLocaleString('en')} events published`)
}, 120_000)

test('another replica goes on within 5 s after a kill -9, at once after an orderly stop; one that was paused does no harm', async () => {
  const { jsm, things, stream, replica } = await setUp()
  const first = await replica()
  const writing = write(things)
  const count = async () => (await jsm.streams.info(stream)).state.messages
  const goesOn = async () => {
    const before = await count()
    const at = Date.now()
    await until('the feed to go on', async () => (await count()) > before + 20)
    return Date.now() - at
  }
  await goesOn()
  const second = await replica()
  first.signal('SIGSTOP')
  expect(await goesOn()).toBeLessThan(5500)
  first.signal('SIGCONT')
  await goesOn()
  await second.kill('SIGTERM')
  expect(await goesOn()).toBeLessThan(2500)
  const third = await replica()
  await first.kill()
  expect(await goesOn()).toBeLessThan(5500)
  await expectAllOnce({ jsm, stream }, await writing.stop())
  await third.kill('SIGTERM')
}, 120_000)
