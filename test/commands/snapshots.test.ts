import { jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { RecentCommands } from '../../src/commands/actor/recent-commands.ts'
import { connectTo, eventually, someEvents, useNats } from '../streams/support.ts'
import { type Service, send, startService, upTo } from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()
const restarted = async ({ namespace }: Service, settings = {}) =>
  await startService(await connectTo(nats()), { namespace, settings })

type Place = { sequence: number; version: number }

/** Puts another state into the snapshot of `a`, which says that it was used; returns what was there. */
async function plantIn({ snapshots }: Service, changed: (was: Place) => object = () => ({})) {
  const snapshot = await snapshots.load('thing', 'a')
  if (!snapshot) throw new Error('no snapshot was written')
  await snapshots.save('thing', 'a', { ...snapshot, state: { total: 5_000_000 }, ...changed(snapshot) })
  return snapshot
}

/** A thing with 1,000 events and its snapshot, up to 200 of them old, with another state. */
async function withPlantedSnapshot(changes: object = {}) {
  const service = await startService(await connectTo(nats()))
  await Promise.all(upTo(1000).map((n) => send(service, 'a.add', { by: 1 }, { 'Command-Id': `c-${n}` })))
  await service.close()
  return { service, snapshot: await plantIn(service, () => changes) }
}
const totalOf = async (service: Service) => {
  const reply = await send(service, 'a.add-below', { by: 1, limit: 0 })
  return reply.ok ? undefined : Number(reply.detail.split(' ')[0])
}

test('a snapshot is written behind the commands, and an activation begins with it', async () => {
  const { service, snapshot } = await withPlantedSnapshot()
  expect(snapshot).toMatchObject({ format: 1, stateVersion: 1, streamCreated: service.log.created })
  expect(snapshot.version).toBeGreaterThanOrEqual(800)
  expect(snapshot.state).toEqual({ total: snapshot.version })
  expect(await totalOf(await restarted(service))).toBe(5_000_000 + 1000 - snapshot.version)
})

test('what leaves memory with more than a short history gets a snapshot, long before one is due', async () => {
  const service = await startService(await connectTo(nats()), { settings: { actors: 1 } })
  for (const id of ['a', 'b'])
    for (const by of upTo(id === 'a' ? 25 : 24)) await send(service, `${id}.add`, { by })
  await send(service, 'c.add', { by: 1 })
  await eventually(async () => (await service.snapshots.load('thing', 'a'))?.version === 25)
  // It waits for what is to be written.
  await service.close()
  expect(await service.snapshots.load('thing', 'b')).toBeUndefined()
})

test('what leaves memory soon after its snapshot keeps that one', async () => {
  const service = await startService(await connectTo(nats()), { settings: { actors: 1 } })
  for (const id of [...upTo(25).map(() => 'a'), 'b']) await send(service, `${id}.add`, { by: 1 })
  await service.close()
  expect(await plantIn(service)).toMatchObject({ version: 25 })
  const other = await restarted(service, { actors: 1 })
  for (const id of ['a', 'b', 'c']) await send(other, `${id}.add`, { by: 1 })
  await other.close()
  expect((await service.snapshots.load('thing', 'a'))?.state).toEqual({ total: 5_000_000 })
})

test.each([
  ['of another state version', { stateVersion: 2 }],
  ['of another stream', { streamCreated: '2020-01-01T00:00:00Z' }],
  ['from the future', { sequence: 1_000_000 }],
])('a snapshot %s is not used', async (_, changes) => {
  const { service } = await withPlantedSnapshot(changes)
  expect(await totalOf(await restarted(service))).toBe(1000)
})

test.each([
  [
    'whose commit has another version',
    ({ sequence, version }: Place) => ({ sequence, version: version - 1 }),
  ],
  [
    'whose commit is not the one before the next',
    ({ sequence, version }: Place) => ({ sequence: sequence - 1, version }),
  ],
  ['whose last commit has another version', () => ({ sequence: 1000, version: 999 })],
])('a snapshot of a log that has been lost since is not used: %s', async (_, changed) => {
  // One commit for each version.
  const service = await startService(await connectTo(nats()), { settings: { groupMaxCommands: 1 } })
  // Each hundred has a time-out of its own.
  for (const _ of upTo(10)) await Promise.all(upTo(100).map(() => send(service, 'a.add', { by: 1 })))
  await service.close()
  await plantIn(service, changed)
  expect(await totalOf(await restarted(service))).toBe(1000)
})

test('what is in memory is given up when the log no longer has it (1 fault)', async () => {
  const nc = await connectTo(nats())
  const service = await startService(nc)
  for (const by of upTo(5)) await send(service, 'a.add', { by })
  const { streams } = await jetstreamManager(nc)
  const { config } = await streams.info(service.log.stream)
  await streams.delete(service.log.stream)
  await streams.add(config)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ status: 503, code: 'LOG_UNAVAILABLE' })
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 1 })
  expect(await send(service, 'a.add-below', { by: 1, limit: 0 })).toMatchObject({ code: 'THING_FULL' })
})

test('a commit without a command id, which another program wrote, keeps nobody from sending commands', async () => {
  const service = await startService(await connectTo(nats()), { settings: { mailboxLimit: 2000 } })
  const { nc, namespace } = service
  const [event] = someEvents(1)
  const foreign = { ...event, type: 'thing.added', data: { by: 1 }, commandid: undefined }
  await request(nc, `${namespace}.evt.thing.a`, JSON.stringify([foreign]))
  const replies = await Promise.all(upTo(1500).map(() => send(service, 'a.add', { by: 1 })))
  expect(replies.filter(({ ok }) => !ok)).toEqual([])
  await service.close()
  expect(await service.snapshots.load('thing', 'a')).toBeDefined()
  expect(await totalOf(await restarted(service))).toBe(1501)
})

test('ids are remembered through a snapshot, packed or recalled from the log', async () => {
  const { service } = await withPlantedSnapshot()
  const packed = await restarted(service)
  expect(await send(packed, 'a.add', { by: 1 }, { 'Command-Id': 'c-5' })).toMatchObject({ duplicate: true })
  await packed.close()

  const { service: other } = await withPlantedSnapshot({ commands: null })
  const recalled = await restarted(other)
  for (const id of ['c-1', 'c-500', 'c-1000']) {
    expect(await send(recalled, 'a.add', { by: 1 }, { 'Command-Id': id })).toMatchObject({ duplicate: true })
  }
})

test('an id that only its hash says was seen is looked up, not believed', async () => {
  const liar = new RecentCommands(86_400_000)
  liar.add('never-sent', 1, Date.now())
  const { service } = await withPlantedSnapshot({ commands: liar.after(0).toString('base64') })
  const reply = await send(await restarted(service), 'a.add', { by: 1 }, { 'Command-Id': 'never-sent' })
  expect(reply).toMatchObject({ ok: true, duplicate: false, version: 1001 })
})

test('snapshots go on while commands come', async () => {
  const service = await startService(await connectTo(nats()), { settings: { snapshotEvery: 10 } })
  for (let n = 0; n < 12; n++) await send(service, 'a.add', { by: 1 })
  await eventually(async () => (await service.snapshots.load('thing', 'a'))?.version === 10)
  for (let n = 0; n < 10; n++) await send(service, 'a.add', { by: 1 })
  await eventually(async () => (await service.snapshots.load('thing', 'a'))?.version === 20)
})
