import { randomUUID } from 'node:crypto'
import type { NatsConnection } from '@nats-io/nats-core'
import { createActors } from '../../../src/commands/actors.ts'
import type { CommandReply } from '../../../src/commands/command.ts'
import { paymentThrough } from '../../../src/domains/payments/aggregate.ts'
import type { PaymentGateway } from '../../../src/domains/payments/gateway.ts'
import { openEventLog } from '../../../src/streams/log/event-log.ts'
import { recordedEvents } from '../../../src/streams/events/recorded-event.ts'
import { openSnapshots } from '../../../src/streams/snapshots.ts'
import { eventSubject } from '../../../src/streams/events/subjects.ts'
import { actorSettings } from '../../support/compose-commands.ts'

/** The actors of a replica that serves payments: commands are handed to it by hand, so that a test says which one gets them. */
export async function openReplica(nc: NatsConnection, namespace: string, gateway: PaymentGateway) {
  const aggregate = paymentThrough(gateway)
  const log = await openEventLog({
    nc,
    spec: {
      name: `${namespace}_PAYMENTS`,
      subjects: [`${namespace}.evt.payment.*`],
      replicas: 1,
      storage: 'memory',
      duplicateWindowMs: 120_000,
    },
    appendTimeoutMs: 8000,
    onMigration: () => undefined,
  })
  const bucket = `${namespace}_snapshots`
  const snapshots = await openSnapshots({ nc, bucket, replicas: 1, storage: 'memory' })
  const errors: unknown[] = []
  const actors = createActors({
    namespace,
    homes: new Map([['payment', { aggregate, context: 'payments', log }]]),
    snapshots,
    settings: { ...actorSettings, conflictRetries: 100 },
    onError: (error) => void errors.push(error),
  })

  return {
    errors,
    /** @param data has to fit the command's schema already */
    send(id: string, name: string, data: object = {}, commandId: string = randomUUID()) {
      const ids = { commandId, correlationId: commandId, causationId: commandId }
      const rest = { expectedVersion: undefined, time: new Date().toISOString(), traceparent: undefined }
      const command = { aggregate: 'payment', id, name, data, bytes: 10, ...ids, ...rest }
      return new Promise<CommandReply>((resolve) => actors.submit(command, resolve))
    },
    async events(id: string) {
      const commits = await Array.fromAsync(log.read.forwards(eventSubject(namespace, 'payment', id), 1))
      return commits.flatMap((commit) => recordedEvents(aggregate.types, commit))
    },
  }
}

export type Replica = Awaited<ReturnType<typeof openReplica>>
