// Three nats-servers with the files of deploy/nats, two replicas of the service, PostgreSQL, and clients in an account of
// their own. Each server is killed in turn under load, the one with the log's leader first. A longer run:
// HEADWATER_CLUSTER_ROUNDS=20 npx vitest run test/cluster
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import { COMPLETED, addProducts, basket, openLogs, tracesOf } from '../sagas/checkouts.ts'
import { fillDataFolder } from '../support/data-folder.ts'
import { until } from '../support/until.ts'
import { auditFeed, auditLog, auditRows } from './audit.ts'
import { sendUntilAccepted, startClients } from './clients.ts'
import { NODES, type NodeName, startNatsCluster } from './nats-cluster.ts'
import { startReplica } from './replica.ts'

const ROUNDS = Number(process.env['HEADWATER_CLUSTER_ROUNDS'] ?? 3)
const SAGAS_A_ROUND = 5
const NAP_MS = 4000

interface Fault {
  killed: readonly NodeName[]
  /** Of the log that the clients write to. */
  leader: NodeName
  /** When, in milliseconds since 1970. */
  at: number
  /** Which were started just before. */
  checkouts: readonly string[]
  /** How long it took until the next command was accepted. */
  pauseMs: number
}

/** The leader's server first, then those that have not been killed yet; in a longer run two at once as well. */
function victimsOf(round: number, leader: NodeName, killed: ReadonlySet<NodeName>): readonly NodeName[] {
  if (round > 0 && round % 4 === 0) return [leader, ...NODES.filter((node) => node !== leader).slice(0, 1)]
  const spared = NODES.find((node) => !killed.has(node))
  return [round === 0 ? leader : (spared ?? leader)]
}

async function startPostgres() {
  const dataDir = mkdtempSync(join(tmpdir(), 'headwater-cluster-'))
  await fillDataFolder(dataDir)
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const server = await startEmbeddedPostgres({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    database: 'headwater',
    logger,
  })
  onTestFinished(async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return server.url
}

test(`while each server is killed in turn (${ROUNDS} faults), nothing accepted is lost or there twice, and all goes on`, async () => {
  const [cluster, databaseUrl] = await Promise.all([startNatsCluster(), startPostgres()])
  onTestFinished(() => cluster.stop())
  const replicas = [await startReplica(cluster, databaseUrl), await startReplica(cluster, databaseUrl)]
  const nc = await cluster.connectAs('service')
  const outside = await cluster.connectAs('client')
  onTestFinished(async () => {
    await Promise.all([nc.close(), outside.close()])
  })
  const sender = createNatsSender({ nc: outside, namespace: 'hw', timeoutMs: 4000 })
  await addProducts(sender)
  const logs = await openLogs(nc)
  const clients = await startClients(sender)

  const naps: string[] = []
  async function start(aggregate: string, id: string, data: object): Promise<void> {
    await sendUntilAccepted(sender, { aggregate, id, command: 'start', commandId: `start-${id}`, data })
  }
  async function startNaps(): Promise<void> {
    for (let number = 0; number < SAGAS_A_ROUND; number++) {
      const id = `n-${naps.length}`
      naps.push(id)
      await start('nap', id, { ms: NAP_MS })
    }
  }
  const sleeping = async (ids: string[]) => {
    const rung = await Promise.all(ids.map((id) => logs.eventsOf('bell', id)))
    return rung.filter((events) => events.length === 0).length
  }
  const isAnyUnderWay = async (ids: string[]) =>
    (await Promise.all(ids.map((id) => logs.endOf(id)))).includes(undefined)

  const faults: Fault[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await clients.progress(100)
    const leader = await cluster.leaderOf('LEDGER')
    const killed = victimsOf(round, leader, new Set(faults.flatMap((fault) => fault.killed)))
    // More are started as long as a stall of this process has let all of them end.
    do await startNaps()
    while ((await sleeping(naps)) === 0)
    const checkouts: string[] = []
    const starting: Promise<void>[] = []
    const started: string[] = []
    let at: number
    do {
      const more = Array.from({ length: SAGAS_A_ROUND }, (_, n) => `s-${round}-${checkouts.length + n}`)
      checkouts.push(...more)
      const begun = more.map(async (id) => {
        await start('checkout', id, basket())
        started.push(id)
      })
      starting.push(...begun)
      // Those are on their way, and none is through as a rule: each takes a dozen commits.
      await Promise.race(begun)
      at = Date.now()
    } while (!(await isAnyUnderWay(started)))
    await Promise.all(killed.map((node) => cluster.kill(node)))
    const killedAt = performance.now()
    // One is away: the other two go on, with the commands, and with the sagas that were under way. Two away: all wait for them.
    const goOn = async () => {
      await clients.progress(1)
      faults.push({ killed, leader, at, checkouts, pauseMs: Math.round(performance.now() - killedAt) })
      await clients.progress(200)
      await until('the naps are over', async () => (await sleeping(naps)) === 0)
    }
    if (killed.length === 1) await goOn()
    for (const node of killed) cluster.restart(node)
    if (killed.length > 1) await goOn()
    await cluster.healed()
    await Promise.all(starting)
  }
  await clients.progress(100)
  await clients.stop()

  expect(new Set(faults.flatMap(({ killed }) => killed))).toEqual(new Set(NODES))
  expect(faults.some(({ killed, leader }) => killed.includes(leader))).toBe(true)
  expect(faults).toHaveLength(ROUNDS)
  const told = faults.map(
    ({ killed, leader, pauseMs }) =>
      `${killed.join(' and ')}${killed.includes(leader) ? ' (leader)' : ''} ${pauseMs} ms`,
  )
  console.log(
    `${ROUNDS} faults; the next command was accepted after: ${told.join(', ')}; ` +
      `${clients.accepted.size} commands accepted, ${clients.repeats()} answered as repeated`,
  )

  await auditLog(nc, clients)
  await auditRows(nc, databaseUrl)
  await auditFeed(nc)
  for (const { at, checkouts } of faults) {
    const spans: [begin: number, end: number][] = []
    for (const id of checkouts) {
      await until(`${id} has ended`, async () => (await logs.endOf(id)) !== undefined)
      expect([id, await tracesOf(logs, id)]).toEqual([id, COMPLETED])
      const times = (await logs.eventsOf('checkout', id)).map(({ time }) => Date.parse(time))
      spans.push([Math.min(...times), Math.max(...times)])
    }
    expect(spans.filter(([begin, end]) => begin <= at && at < end).length).toBeGreaterThan(0)
  }
  for (const id of naps) expect([id, (await logs.eventsOf('bell', id)).length]).toEqual([id, 1])

  for (const replica of replicas) {
    replica.process.kill('SIGTERM')
    expect(await replica.exited).toBe(0)
  }
}, 600_000)
