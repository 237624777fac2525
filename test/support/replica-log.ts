import { connect } from '@nats-io/transport-node'
import { openEventLog } from '../../src/streams/log/event-log.ts'

/** For a replica in a process of its own: a connection that outlives its server's death, and the log of an aggregate type. */
export async function openReplicaLog(
  servers: string,
  namespace: string,
  aggregate: string,
  stream = namespace.toUpperCase(),
) {
  const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, noAsyncTraces: true })
  const log = await openEventLog({
    nc,
    spec: {
      name: stream,
      subjects: [`${namespace}.evt.${aggregate}.*`],
      replicas: 1,
      storage: 'file',
      duplicateWindowMs: 120_000,
    },
    appendTimeoutMs: 5000,
    onMigration() {},
  })
  return { nc, log }
}
