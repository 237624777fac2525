import { type NatsConnection, connect } from '@nats-io/transport-node'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer } from '../../src/runtime/embedded/nats-binary.ts'
import { quietPort } from '../support/ports.ts'
import { root } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { until } from '../support/until.ts'

export const NODES = ['nats-a', 'nats-b', 'nats-c'] as const
export type NodeName = (typeof NODES)[number]
export type User = 'service' | 'operator' | 'client' | 'shop'

const host = '127.0.0.1'
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const passwordOf = (user: string) => `${user}-s3cret`

interface Seat {
  ports: { clients: number; cluster: number; monitoring: number }
  process: ChildProcess | undefined
}

/** The cluster of deploy/nats: three nats-server processes with those files, as they are. */
export interface NatsCluster {
  /** The addresses of all three, without credentials. */
  url: string
  credentials(user: User): { user: string; password: string }
  /** A connection that goes on over every fault; for another inbox than the usual one, its prefix. */
  connectAs(user: User, options?: { inboxPrefix?: string; server?: NodeName }): Promise<NatsConnection>
  /** `kill -9`. */
  kill(node: NodeName): Promise<void>
  /** Starts a killed one again, on its ports and its data. */
  restart(node: NodeName): void
  /** Resolves when every server says that it has caught up, and every replica of every stream is current. */
  healed(): Promise<void>
  /** Where the leader of a stream is now. */
  leaderOf(stream: string): Promise<NodeName>
  stop(): Promise<void>
}

export async function startNatsCluster(): Promise<NatsCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-cluster-'))
  const binary = await findNatsServer({ dataDir: folder, logger: silent })
  const drawn = new Set<number>()
  /** Nobody holds what was drawn: it may be drawn again. */
  async function anotherPort(): Promise<number> {
    for (;;) {
      const port = await quietPort(host)
      if (drawn.size < drawn.add(port).size) return port
    }
  }
  const seats = new Map<NodeName, Seat>()
  for (const node of NODES) {
    const ports = {
      clients: await anotherPort(),
      cluster: await anotherPort(),
      monitoring: await anotherPort(),
    }
    seats.set(node, { ports, process: undefined })
  }
  const seatOf = (node: NodeName): Seat => {
    const seat = seats.get(node)
    if (!seat) throw new Error(`no seat ${node}`)
    return seat
  }
  const addressOf = (node: NodeName) => `nats://${host}:${seatOf(node).ports.clients}`
  const routeOf = (node: NodeName) =>
    `nats://route:${passwordOf('route')}@${host}:${seatOf(node).ports.cluster}`

  function start(node: NodeName): void {
    const seat = seatOf(node)
    const env = cleanEnv({
      NATS_CLIENTS: `${host}:${seat.ports.clients}`,
      NATS_CLUSTER: `${host}:${seat.ports.cluster}`,
      NATS_MONITORING: `${host}:${seat.ports.monitoring}`,
      NATS_ROUTE_A: routeOf('nats-a'),
      NATS_ROUTE_B: routeOf('nats-b'),
      NATS_ROUTE_C: routeOf('nats-c'),
      NATS_STORE_DIR: join(folder, node),
      ROUTE_PASSWORD: passwordOf('route'),
      SERVICE_PASSWORD: passwordOf('service'),
      OPERATOR_PASSWORD: passwordOf('operator'),
      CLIENT_PASSWORD: passwordOf('client'),
      SHOP_PASSWORD: passwordOf('shop'),
    })
    const log = openSync(join(folder, `${node}.log`), 'a')
    seat.process = spawn(binary, ['-c', join(root, 'deploy', 'nats', `${node}.conf`)], {
      cwd: folder,
      env,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
  }

  async function kill(node: NodeName): Promise<void> {
    const { process: server } = seatOf(node)
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }

  async function remove(): Promise<void> {
    await Promise.all(NODES.map(kill))
    rmSync(folder, { recursive: true, force: true })
  }

  const connectAs: NatsCluster['connectAs'] = async (user, { inboxPrefix, server } = {}) =>
    await connect({
      servers: server === undefined ? NODES.map(addressOf) : addressOf(server),
      user,
      pass: passwordOf(user),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      noAsyncTraces: true,
      ...(inboxPrefix !== undefined && { inboxPrefix }),
    })

  for (const node of NODES) start(node)
  try {
    for (const node of NODES) await until(`${node} is healthy`, () => isHealthy(seatOf(node)))
  } catch (error) {
    const logs = NODES.map((node) => readFileSync(join(folder, `${node}.log`), 'utf8').slice(-2000))
    await remove()
    throw new Error(`The cluster does not start:\n${logs.join('\n')}`, { cause: error })
  }
  const nc = await connectAs('service')
  const jsm = await jetstreamManager(nc, { timeout: 2000, checkAPI: false })
  return {
    url: NODES.map(addressOf).join(','),
    credentials: (user) => ({ user, password: passwordOf(user) }),
    connectAs,
    kill,
    restart: start,
    async healed() {
      for (const node of NODES) await until(`${node} is healthy`, () => isHealthy(seatOf(node)))
      await until('all replicas are current', () => areCurrent(jsm))
    },
    async leaderOf(stream) {
      return await until(`${stream} has a leader`, async () => {
        const info = await jsm.streams.info(stream).catch(() => undefined)
        return NODES.find((node) => node === info?.cluster?.leader)
      })
    },
    async stop() {
      await nc.close()
      await remove()
    },
  }
}

/** As the container's probe asks; see compose.yaml. */
async function isHealthy({ ports }: Seat): Promise<boolean> {
  const answer = await fetch(`http://${host}:${ports.monitoring}/healthz`).catch(() => undefined)
  return answer?.ok === true
}

async function areCurrent(jsm: JetStreamManager): Promise<boolean> {
  try {
    const streams = await jsm.streams.list().next()
    return streams.every(
      ({ cluster }) =>
        cluster?.leader !== undefined && (cluster.replicas ?? []).every(({ current }) => current),
    )
  } catch {
    return false
  }
}
