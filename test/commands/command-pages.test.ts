import { type KV, Kvm } from '@nats-io/kv'
import { expect, test } from 'vitest'
import { loadCommands, storeCommands } from '../../src/commands/actor/command-pages.ts'
import { RecentCommands } from '../../src/commands/actor/recent-commands.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { connectTo, eventually, uniqueName, useNats } from '../streams/support.ts'
import { send, startService, upTo } from './support.ts'

const WINDOW = 3_600_000
/** Of a page, as they are with NATS' largest payload. */
const PAGE = 16_384
const nats = useNats()

async function openStore() {
  const nc = await connectTo(nats())
  const bucket = uniqueName('pages')
  const snapshots = await openSnapshots({ nc, bucket, replicas: 1, storage: 'file' })
  const kv = await new Kvm(nc).open(bucket)
  const revision = async (number: number) => (await kv.get(`thing.t-1.commands.${number}`))?.revision
  return { store: snapshots.pages('thing', 't-1'), kv, revision }
}

/** Ids `c-<n>` in commits of ten. */
function withIds(from: number, to: number, recent = new RecentCommands(WINDOW)) {
  for (let n = from; n < to; n++) recent.add(`c-${n}`, Math.floor(n / 10) + 1, Date.now())
  return recent
}

const FEW = 1000
const MANY = PAGE * 2 + 5000

test('few ids are in the snapshot itself', async () => {
  const { store, revision } = await openStore()
  const stored = await storeCommands({ recent: withIds(0, FEW), pages: [] }, store)
  expect(stored.paged).toBeUndefined()
  expect(await revision(0)).toBeUndefined()
  const loaded = await loadCommands(stored, WINDOW, store)
  expect(loaded?.pages).toEqual([])
  expect([loaded?.recent.find('c-0'), loaded?.recent.find('c-999'), loaded?.recent.find('c-1000')]).toEqual([
    [1],
    [100],
    [],
  ])
})

test('of many, the older ones are in pages, which are written once, and all are loaded', async () => {
  const { store, revision } = await openStore()
  const paged = { recent: withIds(0, MANY), pages: [] }
  const first = await storeCommands(paged, store)
  expect(first.commands).toBeNull()
  expect(first.paged?.pages.map(({ number }) => number)).toEqual([0, 1])
  const revisions = [await revision(0), await revision(1)]

  withIds(MANY, MANY + PAGE, paged.recent)
  const second = await storeCommands(paged, store)
  expect(second.paged?.pages.map(({ number }) => number)).toEqual([0, 1, 2])
  expect([await revision(0), await revision(1)]).toEqual(revisions)
  expect((second.paged?.rest.length ?? 0) / (4 / 3) / 16).toBeLessThanOrEqual(PAGE)

  const loaded = await loadCommands(second, WINDOW, store)
  for (let n = 0; n < MANY + PAGE; n += 7)
    expect(loaded?.recent.find(`c-${n}`)).toEqual([Math.floor(n / 10) + 1])
  expect(loaded?.recent.find('c--1')).toEqual([])
  // What was loaded goes on where it was: the pages stay as they are.
  if (!loaded) throw new Error('The pages were not loaded')
  const third = await storeCommands(loaded, store)
  expect(third.paged?.pages).toEqual(second.paged?.pages)
})

test.each([
  ['is not what it was', (kv: KV, key: string) => kv.put(key, 'x')],
  ['is gone', (kv: KV, key: string) => kv.delete(key)],
])('where a page %s, nothing is believed: the log has them', async (_, spoil) => {
  const { store, kv } = await openStore()
  const stored = await storeCommands({ recent: withIds(0, MANY), pages: [] }, store)
  await spoil(kv, 'thing.t-1.commands.1')
  expect(await loadCommands(stored, WINDOW, store)).toBeUndefined()
  expect(await loadCommands({ commands: null }, WINDOW, store)).toBeUndefined()
})

test('a page past the window is let go of, and the next takes its number', async () => {
  const { store, revision } = await openStore()
  const old = new RecentCommands(WINDOW)
  for (let n = 0; n < PAGE + 10; n++) old.add(`old-${n}`, n + 1, Date.now() - 10_000)
  const before = await storeCommands({ recent: old, pages: [] }, store)
  const was = await revision(0)
  expect(before.paged?.pages.map(({ number }) => number)).toEqual([0])

  const recent = new RecentCommands(5000)
  for (let n = 0; n < PAGE + 10; n++) recent.add(`new-${n}`, PAGE + 100 + n, Date.now())
  const after = await storeCommands({ recent, pages: before.paged?.pages ?? [] }, store)
  expect(after.paged?.pages.map(({ number }) => number)).toEqual([0])
  expect(await revision(0)).toBeGreaterThan(was ?? 0)
  // The snapshot from before is not misled by what now stands there.
  expect(await loadCommands(before, WINDOW, store)).toBeUndefined()
})

test('an aggregate with more commands than its snapshot can carry knows them all after a restart', async () => {
  const service = await startService(await connectTo(nats()))
  const count = PAGE + 2000
  const add = (n: number, to = service) => send(to, 'a.add', { by: 1 }, { 'Command-Id': `c-${n}` })
  for (let from = 1; from <= count; from += 1000)
    await Promise.all(upTo(Math.min(1000, count - from + 1)).map((n) => add(from - 1 + n)))
  await service.close()
  await eventually(async () => (await service.snapshots.load('thing', 'a'))?.paged !== undefined)
  const again = await startService(await connectTo(nats()), { namespace: service.namespace })
  for (const n of [1, 5000, PAGE, count]) expect(await add(n, again)).toMatchObject({ duplicate: true })
  expect(await add(count + 1, again)).toMatchObject({ duplicate: false, version: count + 1 })
})
