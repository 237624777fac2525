import { describe, expect, test } from 'vitest'
import { keysOf } from '../../src/streams/follow/names.ts'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { loadParked } from '../../src/streams/follow/parked-item.ts'
import { requestParked } from '../../src/streams/follow/request.ts'
import { connectTo, openTestLog, someEvents, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { appendOne, followThings, named, recorder, storeOf } from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

async function setUp(poison: Set<string>) {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  const store = await storeOf(nc, things.namespace)
  const { done, handler } = recorder((name) => poison.has(name) && new Error('it is bad'))
  const start = async () => {
    const follower = await followThings(nc, things, { handler })
    follower.start()
    return follower
  }
  /** As another program may: no id of ours is so long. */
  const write = async (id: string, version: number) => {
    const subject = `${things.namespace}.evt.thing.${id}`
    await request(nc, subject, JSON.stringify(someEvents(version, 1)))
  }
  const ask = (action: 'retry' | 'drop') => requestParked(store, [named(things)], 'all', action)
  return { nc, things, store, done, start, write, ask }
}

describe('an event of an aggregate with a very long id', () => {
  test('is parked and dropped as any other, and the connection stays', async () => {
    const id = 'x'.repeat(3500)
    const { nc, things, store, done, start, write, ask } = await setUp(new Set([`${id} 1`]))
    const lost: string[] = []
    void (async () => {
      for await (const { type } of nc.status()) if (type === 'disconnect') lost.push(type)
    })()
    await write(id, 1)
    await appendOne(things, 'b', 1)
    const follower = await start()
    await until('the checkpoint to pass it', async () => follower.status().checkpoint === 2)
    expect(await listParkedOf(store, [named(things)])).toMatchObject([{ id, sequence: 1 }])
    expect(await ask('drop')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toEqual(['b 1'])
    expect(lost).toEqual([])
  })

  test('that an older release has parked under its whole name still blocks what follows, and is retried', async () => {
    const id = 'y'.repeat(150)
    const poison = new Set([`${id} 1`])
    const { things, store, done, start, write, ask } = await setUp(poison)
    await write(id, 1)
    const before = await start()
    await until('it to be parked', async () => before.status().checkpoint === 1)
    await before.stop()
    const [entry] = await loadParked(store, named(things))
    if (!entry) throw new Error('nothing is parked')
    await store.remove(entry.key, entry.revision)
    const written = keysOf(named(things)).parked(`thing.=${Buffer.from(id).toString('base64url')}`)
    await store.create(written, entry.item)

    await write(id, 2)
    const now = await start()
    await until('the checkpoint to pass both', async () => now.status().checkpoint === 2)
    expect(done).toEqual([])
    expect(await ask('retry')).toMatchObject({ stayed: [{ id, attempts: 2 }] })
    poison.clear()
    expect(await ask('retry')).toEqual({ cleared: 1, stayed: [] })
    expect(done).toEqual([`${id} 1`, `${id} 2`])
    expect(await loadParked(store, named(things))).toEqual([])
  })
})
