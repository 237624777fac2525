import { expect, test } from 'vitest'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'
import { eventsOf, send, startReplica, upTo } from './support.ts'

const nats = useNats()
const once = { 'Command-Id': 'once' }

test('a repeated transaction gets its first answer: from the same replica, another one, and a later one', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace })
  const two = await startReplica(await connectTo(nats()), { namespace })
  await one.submit('jar.a.fill', { count: 5 })
  // The second replica knows one of the two before, and has not seen what the first does with it.
  await two.submit('jar.a.fill', { count: 1 })
  const first = await one.submit('jar.a.pour', { to: 'b', count: 1 }, { commandId: 'once' })
  expect(first).toMatchObject({ ok: true, version: 3, duplicate: false })
  const again = { ...first, duplicate: true }
  expect(await one.submit('jar.a.pour', { to: 'b', count: 1 }, { commandId: 'once' })).toEqual(again)
  expect(await two.submit('jar.a.pour', { to: 'b', count: 1 }, { commandId: 'once' })).toEqual(again)
  await one.close()
  await two.close()
  const three = await startReplica(await connectTo(nats()), { namespace })
  expect(await send(three, 'jar.a.pour', { to: 'b', count: 1 }, once)).toEqual(again)
  expect(await eventsOf(three, 'jar.b')).toHaveLength(1)
})

test('… in full, also from a replica that has seen only a part of it', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace })
  const two = await startReplica(await connectTo(nats()), { namespace })
  await one.submit('jar.a.fill', { count: 5 })
  await two.submit('jar.a.fill', { count: 1 })
  const first = await one.submit('jar.a.pour', { to: 'b', count: 1 }, { commandId: 'once' })
  await two.submit('jar.b.fill', { count: 1 })
  expect(await two.submit('jar.a.pour', { to: 'b', count: 1 }, { commandId: 'once' })).toEqual({
    ...first,
    duplicate: true,
  })
})

test('… after it would be refused now, and from snapshots', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace, settings: { snapshotEvery: 1 } })
  await send(one, 'jar.a.fill', { count: 1 })
  const first = await send(one, 'jar.a.pour', { to: 'b', count: 1 }, once)
  for (const n of upTo(30)) await send(one, 'jar.a.fill', { count: 0 }, { 'Command-Id': `f-${n}` })
  await one.close()
  const two = await startReplica(await connectTo(nats()), { namespace })
  expect(await send(two, 'jar.a.pour', { to: 'b', count: 1 }, once)).toEqual({ ...first, duplicate: true })
})

test('copies that arrive together, on two replicas, are one', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace })
  const two = await startReplica(await connectTo(nats()), { namespace })
  await send(one, 'jar.a.fill', { count: 100 })
  for (const round of upTo(10)) {
    const commandId = `once-${round}`
    const replies = await Promise.all(
      upTo(10).map((n) => (n % 2 ? one : two).submit('jar.a.pour', { to: 'b' }, { commandId })),
    )
    expect(replies.filter((reply) => reply.ok && !reply.duplicate)).toHaveLength(1)
    expect(replies.every(({ ok }) => ok)).toBe(true)
    expect(new Set(replies.map((reply) => reply.ok && JSON.stringify(reply.events))).size).toBe(1)
  }
  expect(await eventsOf(one, 'jar.b')).toHaveLength(10)
})

test('the id tells within a round, and among those who take part alone', async () => {
  const replica = await startReplica(await connectTo(nats()))
  for (const id of ['a', 'c', 'e']) await send(replica, `jar.${id}.fill`, { count: 5 })
  const [first, same, other] = await Promise.all([
    replica.submit('jar.a.pour', { to: 'b' }, { commandId: 'once' }),
    replica.submit('jar.a.pour', { to: 'b' }, { commandId: 'once' }),
    replica.submit('jar.c.pour', { to: 'd' }, { commandId: 'once' }),
  ])
  expect(first).toMatchObject({ ok: true, id: 'a', duplicate: false })
  expect(same).toEqual({ ...first, duplicate: true })
  expect(other).toMatchObject({ ok: true, id: 'c', duplicate: false })
})

test('a repeated one is known as such, though it is read only for the sake of another in its round', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace })
  const two = await startReplica(await connectTo(nats()), { namespace })
  const pour = (replica: typeof one, commandId: string) =>
    replica.submit('jar.a.pour', { to: 'b' }, { commandId })
  await one.submit('jar.a.fill', { count: 5 })
  const known = await pour(one, 'known')
  const unseen = await pour(two, 'unseen')
  // To the first replica the one that comes first is new, until the second is looked for.
  expect(await Promise.all([pour(one, 'unseen'), pour(one, 'known')])).toEqual([
    { ...unseen, duplicate: true },
    { ...known, duplicate: true },
  ])
  expect(await eventsOf(one, 'jar.b')).toHaveLength(2)
})

test('a refused transaction is decided again when it is repeated', async () => {
  const replica = await startReplica(await connectTo(nats()))
  const pour = () => send(replica, 'jar.a.pour', { to: 'b' }, once)
  expect(await pour()).toMatchObject({ code: 'JAR_EMPTY' })
  await send(replica, 'jar.a.fill', { count: 1 })
  expect(await pour()).toMatchObject({ ok: true, duplicate: false })
})
