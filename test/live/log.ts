import type { NatsConnection } from '@nats-io/nats-core'
import { eventSubjects } from '../../src/streams/events/subjects.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'

/** The log of an aggregate, in a stream of its own: `<namespace>_<aggregate>`. */
export async function openLog(
  nc: NatsConnection,
  namespace: string,
  { aggregate = 'order', storage = 'memory' }: { aggregate?: string; storage?: 'memory' | 'file' } = {},
): Promise<EventLog> {
  return await openEventLog({
    nc,
    spec: {
      name: `${namespace}_${aggregate}`,
      subjects: [eventSubjects(namespace, aggregate)],
      replicas: 1,
      storage,
      duplicateWindowMs: 120_000,
    },
    appendTimeoutMs: 8000,
    onMigration: () => undefined,
  })
}
