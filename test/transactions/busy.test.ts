import { expect, test } from 'vitest'
import { connectTo, eventually, uniqueName, useNats } from '../streams/support.ts'
import { outside } from './jars.ts'
import { eventsOf, startReplica, upTo } from './support.ts'

const nats = useNats()

/** A jar that is busy with a command until the test says so. */
async function withBusyJar(settings = {}) {
  const replica = await startReplica(await connectTo(nats()), { settings })
  const id = uniqueName('busy')
  const { promise, resolve } = Promise.withResolvers<void>()
  outside.set(id, promise)
  await replica.submit('jar.a.fill', { count: 100 })
  await replica.submit(`jar.${id}.fill`, { count: 100 })
  const asking = replica.submit(`jar.${id}.ask`, {})
  return { replica, id, asking, finish: resolve }
}

test('a transaction waits for an actor that is busy for long, and the others do not wait with it', async () => {
  const { replica, id, asking, finish } = await withBusyJar()
  const order: string[] = []
  const waiting = replica.submit('jar.a.pour', { to: id }).then((reply) => {
    order.push('waiting')
    return reply
  })
  for (const n of upTo(20)) {
    expect(await replica.submit('jar.a.pour', { to: `b${n % 3}` })).toMatchObject({ ok: true })
    order.push('other')
  }
  finish()
  expect(await waiting).toMatchObject({ ok: true })
  expect(await asking).toMatchObject({ ok: true })
  expect(order).toEqual([...upTo(20).map(() => 'other'), 'waiting'])
  // The actors are free again, all of them.
  expect(await replica.submit(`jar.${id}.pour`, { to: 'a' })).toMatchObject({ ok: true })
  expect(await replica.submit(`jar.${id}.fill`, { count: 1 })).toMatchObject({ ok: true })
  expect(await eventsOf(replica, `jar.${id}`)).toHaveLength(4)
})

test('… not for longer than a command may take; its actor is not held then', async () => {
  const { replica, id, finish } = await withBusyJar({ timeoutMs: 200 })
  expect(await replica.submit('jar.a.pour', { to: id })).toMatchObject({ status: 503, code: 'CONTENTION' })
  finish()
  expect(await replica.submit(`jar.${id}.fill`, { count: 1 })).toMatchObject({ ok: true })
  expect(await replica.submit('jar.a.pour', { to: id })).toMatchObject({ ok: true })
})

test('one whose aggregate cannot be read is told so, and the others are decided', async () => {
  const { replica, id, finish } = await withBusyJar()
  finish()
  replica.nc.publish(`${replica.namespace}.evt.jar.broken`, 'no commit')
  await replica.nc.flush()
  const [broken, good] = await Promise.all([
    replica.submit('jar.a.pour', { to: 'broken' }),
    replica.submit('jar.a.pour', { to: id }),
  ])
  expect(broken).toMatchObject({ status: 500, code: 'MALFORMED_COMMIT' })
  expect(good).toMatchObject({ ok: true })
  expect(await eventsOf(replica, 'jar.a')).toHaveLength(2)
})

test('an actor that is free at last is kept for the transaction that waits for it, while others go on', async () => {
  const { replica, id, finish } = await withBusyJar()
  let decided = 0
  const state = { running: true }
  const others = upTo(4).map(async (n) => {
    for (; state.running; decided++)
      expect(await replica.submit(`jar.a.pour`, { to: `b${n}`, count: 0 })).toMatchObject({ ok: true })
  })
  const waiting = replica.submit('jar.a.pour', { to: id })
  await eventually(() => decided > 20)
  // Right after it, the actor would be busy again.
  const second = Promise.withResolvers<void>()
  outside.set(id, second.promise)
  const asking = replica.submit(`jar.${id}.ask`, {})
  finish()
  expect(await waiting).toMatchObject({ ok: true })
  second.resolve()
  expect(await asking).toMatchObject({ ok: true })
  state.running = false
  await Promise.all(others)
})
