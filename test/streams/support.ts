import { type NatsConnection, connect } from '@nats-io/transport-node'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { type EmbeddedServer, startEmbeddedNats } from '../../src/runtime/embedded/index.ts'
import { until } from '../../src/runtime/embedded/poll.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import type { Commit } from '../../src/streams/events/commit.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import type { LogSpec } from '../../src/streams/provision/provision-log.ts'
import { quietPort } from '../support/ports.ts'

const host = '127.0.0.1'
const logger = { debug() {}, info() {}, warn() {}, error() {} }

export interface TestNats {
  url: string
  host: string
  port: number
  /** `kill -9`, and a new server on the same store and port. */
  crash(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A real nats-server of its own, in a scratch folder. */
async function startNats(): Promise<TestNats> {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-test-'))
  const port = await quietPort(host)
  let server: EmbeddedServer = await startEmbeddedNats({ dataDir: folder, host, port, logger })
  const { url } = server
  const nats: TestNats = {
    url,
    host,
    port: server.port,
    async crash() {
      await nats.kill()
      await nats.restart()
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async restart() {
      server = await startEmbeddedNats({ dataDir: folder, host, port: nats.port, logger })
      if (server.url !== url) throw new Error(`the server came back at ${server.url}, not at ${url}`)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return nats
}

/** A server for one test, to be killed by it; it goes with the test however that ends. */
export async function startOwnNats(): Promise<TestNats> {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  return nats
}

/** One server for the tests of a file. */
export function useNats(): () => TestNats {
  let nats: TestNats | undefined
  beforeAll(async () => {
    nats = await startNats()
  })
  afterAll(() => nats?.stop())
  return () => {
    if (!nats) throw new Error('the server is not started yet')
    return nats
  }
}

/** A connection that goes with the test. */
export async function connectTo({ port }: { port: number }): Promise<NatsConnection> {
  const nc = await connect({
    servers: `${host}:${port}`,
    reconnectTimeWait: 20,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
    noAsyncTraces: true,
  })
  onTestFinished(() => nc.close())
  return nc
}

let made = 0
/** A token that no other test of this server uses. */
export function uniqueName(prefix = 't'): string {
  return `${prefix}${process.pid}_${++made}`
}

export function specOf(namespace: string, changes: Partial<LogSpec> = {}): LogSpec {
  return {
    name: namespace.toUpperCase(),
    subjects: [`${namespace}.evt.thing.*`],
    replicas: 1,
    storage: 'file',
    duplicateWindowMs: 120_000,
    ...changes,
  }
}

export interface TestLog {
  log: EventLog
  namespace: string
  subject: (id: string) => string
}

export async function openTestLog(
  nc: NatsConnection,
  { namespace = uniqueName(), appendTimeoutMs = 8000 }: { namespace?: string; appendTimeoutMs?: number } = {},
): Promise<TestLog> {
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs, onMigration() {} })
  return { log, namespace, subject: (id) => `${namespace}.evt.thing.${id}` }
}

/** The events `from` ≤ version < `from + count` of an aggregate. */
export function someEvents(from: number, count = 1, commandid = `cmd-${from}`): CloudEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    specversion: '1.0',
    id: `e-${from + index}`,
    source: '/test/things/thing',
    type: 'thing.happened',
    subject: 'any',
    time: '2026-01-31T10:00:00.000Z',
    datacontenttype: 'application/json',
    sequence: from + index,
    dataversion: 1,
    correlationid: 'cor',
    causationid: 'cau',
    commandid,
    data: { n: from + index },
  }))
}

/** Appends commits of these sizes one after another, and answers their sequences. */
export async function appendCommits(
  { log, subject }: TestLog,
  id: string,
  sizes: number[],
): Promise<number[]> {
  const sequences: number[] = []
  let version = 1
  for (const size of sizes) {
    const expected = sequences.at(-1) ?? 0
    sequences.push(await log.append({ subject: subject(id), expected, events: someEvents(version, size) }))
    version += size
  }
  return sequences
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

export function versionsOf(commits: Commit[]): number[] {
  return commits.flatMap(({ events }) => events.map(({ sequence }) => sequence))
}

/** Waits for a condition, and fails when it does not come true. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 50_000,
): Promise<void> {
  if (!(await until(condition, { timeoutMs })))
    throw new Error(`not so within ${timeoutMs} ms: ${condition.toString()}`)
}
