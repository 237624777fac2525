import { connect } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/nats-core'
import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import {
  type EmbeddedServer,
  startEmbeddedNats,
  startEmbeddedPostgres,
} from '../../src/runtime/embedded/index.ts'
import { fillDataFolder } from './data-folder.ts'
import { quietPort } from './ports.ts'

const host = '127.0.0.1'
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** NATS and PostgreSQL with their data in a temporary folder; a restart keeps ports and data. */
export interface Stack {
  readonly nc: NatsConnection
  readonly natsUrl: string
  readonly databaseUrl: string
  stopNats(): Promise<void>
  startNats(): Promise<void>
  stopPostgres(): Promise<void>
  startPostgres(): Promise<void>
  /** As if the machine had lost power for it: no checkpoint, no goodbye. */
  crashPostgres(): Promise<void>
  stop(): Promise<void>
}

export async function startStack(): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headwater-stack-'))
  await fillDataFolder(dataDir)
  const ports = { nats: await quietPort(host), postgres: await quietPort(host) }
  const nats = () => startEmbeddedNats({ dataDir, host, port: ports.nats, logger: silent })
  const postgres = () =>
    startEmbeddedPostgres({ dataDir, host, port: ports.postgres, database: 'headwater', logger: silent })
  const [startedNats, startedPostgres] = await Promise.all([nats(), postgres()])
  const servers: { nats: EmbeddedServer; postgres: EmbeddedServer } = {
    nats: startedNats,
    postgres: startedPostgres,
  }
  ports.nats = servers.nats.port
  ports.postgres = servers.postgres.port
  const natsUrl = servers.nats.url
  const nc = await connect({ servers: natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  return {
    nc,
    natsUrl,
    databaseUrl: servers.postgres.url,
    stopNats: () => servers.nats.stop(),
    async startNats() {
      servers.nats = await nats()
    },
    stopPostgres: () => servers.postgres.stop(),
    async startPostgres() {
      servers.postgres = await postgres()
    },
    async crashPostgres() {
      process.kill(servers.postgres.pid, 'SIGKILL')
      await servers.postgres.exited
    },
    async stop() {
      await nc.close()
      await Promise.all([servers.nats.stop(), servers.postgres.stop()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** One stack for all tests of a file: started before them, stopped after them. Call it at the top of the file. */
export function stackOfFile(): () => Stack {
  let stack: Stack | undefined
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(() => stack?.stop())
  return () => {
    if (!stack) throw new Error('the stack is not started yet')
    return stack
  }
}

/** A name that no other test has: a namespace, a schema, the beginning of a stream's name. */
export function uniqueName(): string {
  return `t${randomBytes(6).toString('hex')}`
}
