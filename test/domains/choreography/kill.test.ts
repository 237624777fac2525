import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect, onTestFinished, test } from 'vitest'
import { createNatsSender } from '../../../src/commands/client/nats-sender.ts'
import { stackOfFile } from '../../support/stack.ts'
import { startReplicaProcess } from '../../support/replica-process.ts'
import { insist } from '../../support/storm.ts'
import { until } from '../../support/until.ts'
import { audit, endOf, readLogs } from './audit.ts'
import { ADDRESS, aBasket } from './basket.ts'

const stack = stackOfFile()
/** What a purchase asks for, by turns; of pots there are too few. */
const KINDS = [
  {},
  { method: 'card-declined' },
  { items: [...aBasket().items, { sku: 'pot', quantity: 1, unitPrice: '9.00' }] },
  { address: { ...ADDRESS, country: 'ZZ' } },
]
const POTS = 5
const PURCHASES = 60

async function startReplica() {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-replica-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { natsUrl, databaseUrl } = stack()
  const fixture = new URL('replica.fixture.ts', import.meta.url)
  return await startReplicaProcess(fixture, natsUrl, databaseUrl, folder)
}

test('while replicas are killed (4 deaths), every purchase is completed or undone, once, and stock and money add up', async () => {
  const { nc } = stack()
  const { streams } = await jetstreamManager(nc)
  const sender = createNatsSender({ nc, namespace: 'hw', timeoutMs: 5000 })
  async function send(aggregate: string, id: string, command: string, data: unknown): Promise<void> {
    const commandId = `${aggregate}-${id}-${command}`
    expect(await insist(sender, { aggregate, id, command, data, commandId })).toMatchObject({ ok: true })
  }
  const count = async () => (await streams.info('PURCHASES')).state.messages
  const ids = Array.from({ length: PURCHASES }, (_, number) => `p-${number}`)

  const replicas = [await startReplica(), await startReplica()]
  for (const [sku, stock] of [
    ['tea', 1000],
    ['cup', 1000],
    ['pot', POTS],
  ])
    await send('product', String(sku), 'add', { name: sku, price: '4.50', currency: 'EUR', stock })

  // One after the other, then both at the same time: each time some of the purchases are on their way.
  const rounds = [[0], [1], [0, 1]]
  const placing: Promise<void>[] = []
  let deaths = 0
  for (const [round, dying] of rounds.entries()) {
    const before = await count()
    const share = PURCHASES / rounds.length
    for (const [index, id] of ids.slice(round * share, (round + 1) * share).entries())
      placing.push(send('purchase', id, 'place', aBasket(KINDS[index % KINDS.length])))
    await until('some to go on', async () => (await count()) > before + share)
    await Promise.all(dying.map(async (index) => await replicas[index]?.end()))
    deaths += dying.length
    for (const index of dying) replicas[index] = await startReplica()
  }
  await Promise.all(placing)

  let problems: string[] = []
  await until('all to end, and to add up', async () => {
    problems = audit(await readLogs(nc), ids)
    return problems.length === 0
  }).catch((error: unknown) => {
    if (problems.length === 0) throw error
    expect(problems, String(error)).toEqual([])
  })
  const logs = await readLogs(nc)
  const completed = ids.filter((id) => endOf(logs, id) === 'purchase.completed')
  expect(completed).toHaveLength(PURCHASES / KINDS.length + POTS)
  expect(deaths).toBe(4)
})
