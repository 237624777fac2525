import type { NatsConnection } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import { type Replica, type ReplicaOptions, composeReplica } from './compose.ts'

export type { Replica } from './compose.ts'

/** A replica that serves the trade and its sagas, and goes with the test. */
export async function startReplica(nc: NatsConnection, options: ReplicaOptions): Promise<Replica> {
  const replica = await composeReplica(nc, options)
  onTestFinished(async () => {
    if (!nc.isClosed()) await replica.stop()
  })
  return replica
}

/** The types of a saga's events so far, with the steps that they are of. */
export async function transitions(replica: Replica, saga: string, id: string): Promise<string[]> {
  const events = await replica.eventsOf(saga, id)
  return events.map(({ type, data }) => {
    const step = typeof data === 'object' && data !== null && 'step' in data ? ` ${String(data.step)}` : ''
    return `${type.slice('saga.'.length)}${step}`
  })
}
