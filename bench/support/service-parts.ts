import type { NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import type { AggregateHome } from '../../src/commands/actors.ts'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import type { LogSpec } from '../../src/streams/provision/provision-log.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { eventSubjects } from '../../src/streams/events/subjects.ts'

/** What everybody gets who configures nothing; no file and no environment variable of this machine. */
export const { config } = loadConfig({ env: {}, cwd: import.meta.dirname, overrides: { dataDir: '.' } })

/** Without traces of asynchronous calls: they cost the library a stack for every request. */
export const connectTo = (servers: string): Promise<NatsConnection> =>
  connect({ servers, noAsyncTraces: true })

/** A stream set up like a context's. */
export function streamSpec(name: string, subjects: string[]): LogSpec {
  const { replicas, storage, duplicateWindowMs } = config.streams
  return { name, subjects, replicas, storage, duplicateWindowMs }
}

/** Opens the logs of the orders' and the customers' contexts, and the snapshots, as the runtime does. */
export async function openHomes(nc: NatsConnection) {
  const { namespace } = config
  const open = (name: string, aggregate: string): Promise<EventLog> =>
    openEventLog({
      nc,
      appendTimeoutMs: config.commands.timeoutMs,
      spec: streamSpec(name, [eventSubjects(namespace, aggregate)]),
      onMigration: () => undefined,
    })
  const homes = new Map<string, AggregateHome>([
    ['order', { aggregate: order, context: 'orders', log: await open('ORDERS', 'order') }],
    ['customer', { aggregate: customer, context: 'customers', log: await open('CUSTOMERS', 'customer') }],
  ])
  const snapshots = await openSnapshots({
    nc,
    bucket: `${namespace}_snapshots`,
    replicas: config.streams.replicas,
    storage: config.streams.storage,
  })
  return { homes, snapshots }
}
