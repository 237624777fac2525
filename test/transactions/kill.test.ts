import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { connectTo, startOwnNats, uniqueName } from '../streams/support.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { injectFaults, insist, startClients } from '../support/storm.ts'
import { auditLedger, readLedger } from './ledger-log.ts'
import { upTo } from './support.ts'

const ACCOUNTS = upTo(12).map((n) => `a${n}`)
const CLIENTS = 16
const FAULTS = ['replica', 'server', 'replica', 'server', 'both', 'replica'] as const

test(`while replicas and the server are killed (${FAULTS.length} faults), each transfer is there once, with both its halves, and as it was answered`, async () => {
  const nats = await startOwnNats()
  const namespace = uniqueName('kill')
  const nc = await connectTo(nats)
  const sender = createNatsSender({ nc, namespace, timeoutMs: 4000 })
  const fixture = new URL('replica.fixture.ts', import.meta.url)
  const startReplica = () => startReplicaProcess(fixture, nats.url, namespace)
  const replicas = [await startReplica(), await startReplica()]
  for (const id of ACCOUNTS) {
    const send = async (command: string, data: object) => {
      const commandId = `${id}-${command}`
      expect(await insist(sender, { aggregate: 'account', id, command, data, commandId })).toMatchObject({
        ok: true,
      })
    }
    await send('open', { owner: 'o', currency: 'EUR' })
    await send('deposit', { amount: '1000000.00' })
  }

  const clients = startClients(sender, CLIENTS, (client, n) => {
    const commandId = `t-${client}-${n}`
    const id = ACCOUNTS[(client + n) % ACCOUNTS.length] ?? ''
    const to = ACCOUNTS[(client + n + 1 + (n % (ACCOUNTS.length - 1))) % ACCOUNTS.length] ?? ''
    const data = { to, amount: '0.01', transferId: commandId }
    return { aggregate: 'account', id, command: 'transfer', data, commandId }
  })
  const { accepted } = clients
  const faults = await injectFaults({ faults: FAULTS, nats, replicas, startReplica, accepted, progress: 150 })
  await clients.stop()

  const ledger = await readLedger(nc, namespace.toUpperCase())
  expect(auditLedger(ledger)).toEqual([])
  expect([...ledger.debits.keys()].toSorted()).toEqual([...accepted.keys()].toSorted())
  for (const [id, { position, events }] of accepted) {
    const [debit] = ledger.debits.get(id) ?? []
    expect(position.sequence).toBe(debit?.sequence)
    expect(events.map(({ type }) => type)).toEqual(['account.debited', 'account.credited'])
  }
  expect(faults).toBe(FAULTS.length)
  console.log(`${faults} faults, ${accepted.size} transfers, ${clients.repeats} answered as repeated`)
})
