import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { connectTo, specOf, startOwnNats, uniqueName } from '../streams/support.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { injectFaults, startClients } from '../support/storm.ts'
import { eventsOf, upTo } from './support.ts'

const AGGREGATES = upTo(5).map((n) => `a${n}`)
const CLIENTS = 12
const FAULTS = ['replica', 'server', 'replica', 'server', 'both', 'replica'] as const

test(`while servers and services are killed (${FAULTS.length} faults), what was accepted is in the log once, and nothing else is`, async () => {
  const nats = await startOwnNats()
  const namespace = uniqueName('kill')
  const nc = await connectTo(nats)
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs: 5000, onMigration() {} })
  const sender = createNatsSender({ nc, namespace, timeoutMs: 4000 })
  const fixture = new URL('kill.fixture.ts', import.meta.url)
  const startReplica = () => startReplicaProcess(fixture, nats.url, namespace)
  const replicas = [await startReplica()]

  const clients = startClients(sender, CLIENTS, (client, n) => ({
    aggregate: 'thing',
    id: AGGREGATES[(client + n) % AGGREGATES.length] ?? '',
    command: 'add',
    data: { by: 1 },
    commandId: `c-${client}-${n}`,
  }))
  const { accepted } = clients
  const faults = await injectFaults({ faults: FAULTS, nats, replicas, startReplica, accepted, progress: 200 })
  await clients.stop()

  let events = 0
  for (const id of AGGREGATES) {
    const stored = await eventsOf({ log, namespace }, id)
    events += stored.length
    expect(stored.map(({ sequence }) => sequence)).toEqual(upTo(stored.length))
    expect(new Set(stored.map(({ commandid }) => commandid)).size).toBe(stored.length)
    for (const event of stored) {
      expect(accepted.get(event.commandid)).toMatchObject({
        id,
        version: event.sequence,
        position: event.position,
        events: [{ id: event.id }],
      })
    }
  }
  expect(events).toBe(accepted.size)
  expect(faults).toBe(FAULTS.length)
  console.log(`${faults} faults, ${accepted.size} commands accepted, ${clients.repeats} answered as repeated`)
})
