import { Kvm } from '@nats-io/kv'
import { expect, test } from 'vitest'
import { provisionBucket } from '../../src/streams/provision/provision-bucket.ts'
import type { StreamDifference } from '../../src/streams/provision/stream-mismatch.ts'
import { connectTo, uniqueName, useNats } from './support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const spec = { nc, bucket: uniqueName('bucket'), storage: 'file' } as const
  const reports: StreamDifference[][] = []
  const asked: string[] = []
  nc.subscribe(`$JS.API.STREAM.UPDATE.KV_${spec.bucket}`, {
    callback: (_, { subject }) => void asked.push(subject),
  })
  const open = (replicas: number) =>
    provisionBucket({ ...spec, replicas, onMigration: (differences) => void reports.push(differences) })
  const status = async () => await (await new Kvm(nc).open(spec.bucket)).status()
  return { nc, open, status, reports, asked }
}

test('a bucket that is as it should be is not changed', async () => {
  const { nc, open, status, reports, asked } = await setUp()
  const kv = await open(1)
  await kv.put('a', 'b')
  expect((await (await open(1)).get('a'))?.string()).toBe('b')
  expect(await status()).toMatchObject({ replicas: 1, history: 1, backingStore: 'file' })
  await nc.flush()
  expect([reports, asked]).toEqual([[], []])
})

test('a server without a cluster is not asked for replicas, which would cost it the bucket at its next start', async () => {
  const { nc, open, status, reports, asked } = await setUp()
  await (await open(1)).put('a', 'b')
  expect((await (await open(3)).get('a'))?.string()).toBe('b')
  expect((await status()).replicas).toBe(1)
  await nc.flush()
  expect([reports, asked]).toEqual([[], []])
})
