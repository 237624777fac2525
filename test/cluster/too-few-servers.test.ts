import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { expect, onTestFinished, test } from 'vitest'
import { provisioned } from '../../src/streams/provision/provisioned.ts'
import { isTransient } from '../../src/streams/waiting/transient.ts'
import { NODES, startNatsCluster } from './nats-cluster.ts'

test('a cluster with too few servers for the replicas is asked again: one that has just started knows the others before long', async () => {
  const cluster = await startNatsCluster()
  onTestFinished(() => cluster.stop())
  const nc = await cluster.connectAs('service')
  onTestFinished(() => nc.close())
  const jsm = await jetstreamManager(nc, { checkAPI: false })

  const add = (replicas: number) =>
    jsm.streams.add({ name: 'PENS', subjects: ['pens'], num_replicas: replicas })
  // From here on it knows its servers: what it says of one more does not hang on when they have found each other.
  await provisioned('the stream PENS', () => add(NODES.length))
  await jsm.streams.delete('PENS')

  const refusals: unknown[] = []
  // A server that is not known yet and one that does not exist are the same to it.
  const replicas = () => (refusals.length === 0 ? NODES.length + 1 : NODES.length)
  const info = await provisioned('the stream PENS', async () => {
    try {
      return await add(replicas())
    } catch (error) {
      // Others come as well while the cluster is busy, before or after it.
      if (error instanceof JetStreamApiError && error.status !== 503) refusals.push(error)
      throw error
    }
  })
  expect(info.config.num_replicas).toBe(NODES.length)
  expect(refusals).toMatchObject([{ message: 'no suitable peers for placement' }])
  expect(isTransient(refusals[0])).toBe(true)
})
