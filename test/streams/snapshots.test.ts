import { Kvm } from '@nats-io/kv'
import { expect, test } from 'vitest'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { connectTo, uniqueName, useNats } from './support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const bucket = uniqueName('snapshots')
  const options = { nc, bucket, replicas: 1, storage: 'file' } as const
  const snapshots = await openSnapshots(options)
  const kv = await new Kvm(nc).open(bucket)
  return { nc, snapshots, kv, again: () => openSnapshots(options) }
}

const snapshot = {
  format: 1,
  stateVersion: 1,
  streamCreated: '2026-01-31T10:00:00Z',
  sequence: 42,
  version: 7,
  state: { total: 7, names: ['a'] },
  commands: 'AAAA',
} as const

test('what was saved is loaded, the newest only', async () => {
  const { snapshots, kv } = await setUp()
  expect(await snapshots.load('thing', 't-1')).toBeUndefined()
  await snapshots.save('thing', 't-1', snapshot)
  await snapshots.save('thing', 't-1', { ...snapshot, version: 8 })
  await snapshots.save('thing', 't-2', { ...snapshot, commands: null })
  expect(await snapshots.load('thing', 't-1')).toEqual({ ...snapshot, version: 8 })
  expect(await snapshots.load('thing', 't-2')).toEqual({ ...snapshot, commands: null })
  expect((await kv.status()).values).toBe(2)
})

test('the bucket may be there already, and replicas may open it together', async () => {
  const { snapshots, again } = await setUp()
  await snapshots.save('thing', 't-1', snapshot)
  const others = await Promise.all([again(), again(), again()])
  for (const other of others) expect(await other.load('thing', 't-1')).toEqual(snapshot)
})

test.each([
  ['no JSON', 'hello'],
  ['an empty value', ''],
  ['null', 'null'],
  ['another format', JSON.stringify({ ...snapshot, format: 2 })],
  ['a sequence of 0', JSON.stringify({ ...snapshot, sequence: 0 })],
  ['no stream', JSON.stringify({ ...snapshot, streamCreated: undefined })],
])('%s is no snapshot', async (_, value) => {
  const { snapshots, kv } = await setUp()
  await kv.put('thing.t-1', value)
  expect(await snapshots.load('thing', 't-1')).toBeUndefined()
})

test('a deleted snapshot is none', async () => {
  const { snapshots, kv } = await setUp()
  await snapshots.save('thing', 't-1', snapshot)
  await kv.delete('thing.t-1')
  expect(await snapshots.load('thing', 't-1')).toBeUndefined()
})

test('command ids that do not fit are left out, and a state that does not fit is not saved', async () => {
  const { nc, snapshots } = await setUp()
  const limit = nc.info?.max_payload ?? 0
  await snapshots.save('thing', 't-1', { ...snapshot, commands: 'A'.repeat(limit) })
  expect(await snapshots.load('thing', 't-1')).toEqual({ ...snapshot, commands: null })
  await snapshots.save('thing', 't-2', { ...snapshot, state: 'A'.repeat(limit) })
  expect(await snapshots.load('thing', 't-2')).toBeUndefined()
})
