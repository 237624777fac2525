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

test('while each server is killed in turn, nothing accepted is lost or there twice, and all goes on', async () => {
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

  const checkouts: string[] = []
  const naps: string[] = []
  async function startSagas(round: number): Promise<void> {
    for (let number = 0; number < SAGAS_A_ROUND; number++) {
      const [checkout, nap] = [`s-${round}-${number}`, `n-${round}-${number}`]
      checkouts.push(checkout)
      naps.push(nap)
      const start = { command: 'start', commandId: `start-${checkout}` }
      await sendUntilAccepted(sender, { ...start, aggregate: 'nap', id: nap, data: { ms: NAP_MS } })
      await sendUntilAccepted(sender, { ...start, aggregate: 'checkout', id: checkout, data: basket() })
    }
  }
  const sleeping = async (ids: string[]) => {
    const rung = await Promise.all(ids.map((id) => logs.eventsOf('bell', id)))
    return rung.filter((events) => events.length === 0).length
  }

  const faults: { killed: readonly NodeName[]; leader: NodeName; pauseMs: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await clients.progress(100)
    await startSagas(round)
    const leader = await cluster.leaderOf('LEDGER')
    const killed = victimsOf(round, leader, new Set(faults.flatMap((fault) => fault.killed)))
    expect(await sleeping(naps)).toBeGreaterThan(0)
    await Promise.all(killed.map((node) => cluster.kill(node)))
    const killedAt = performance.now()
    // One is away: the other two go on, with the commands, and with the sagas that were under way. Two away: all wait for them.
    const goOn = async () => {
      await clients.progress(1)
      faults.push({ killed, leader, pauseMs: Math.round(performance.now() - killedAt) })
      await clients.progress(200)
      await until('the naps are over', async () => (await sleeping(naps)) === 0)
    }
    if (killed.length === 1) await goOn()
    for (const node of killed) cluster.restart(node)
    if (killed.length > 1) await goOn()
    await cluster.healed()
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
  for (const id of checkouts) {
    await until(`${id} has ended`, async () => (await logs.endOf(id)) !== undefined)
    expect([id, await tracesOf(logs, id)]).toEqual([id, COMPLETED])
  }
  for (const id of naps) expect([id, (await logs.eventsOf('bell', id)).length]).toEqual([id, 1])

  for (const replica of replicas) {
    replica.process.kill('SIGTERM')
    expect(await replica.exited).toBe(0)
  }
}, 600_000)
