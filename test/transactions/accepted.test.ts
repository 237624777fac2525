import { expect, test } from 'vitest'
import { connectTo, useNats } from '../streams/support.ts'
import { eventsOf, send, startReplica, upTo } from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

test('what is decided for all is stored side by side, and the reply is that of the addressed one', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 5 })
  const reply = await send(replica, 'jar.a.pour', { to: 'b', count: 2 }, { 'Command-Id': 'x' })
  expect(reply).toMatchObject({
    ok: true,
    aggregate: 'jar',
    id: 'a',
    version: 2,
    position: { stream: replica.log.stream, sequence: 2 },
    events: [
      { type: 'jar.filled', version: 2 },
      { type: 'jar.filled', version: 1 },
    ],
    duplicate: false,
  })
  const [, from] = await eventsOf(replica, 'jar.a')
  const [to] = await eventsOf(replica, 'jar.b')
  expect(from).toMatchObject({ commandid: 'x', data: { count: -2 }, position: { sequence: 2 } })
  expect(to).toMatchObject({ commandid: 'x', data: { count: 2 }, position: { sequence: 3 } })
  expect(reply).toMatchObject({ events: [{ id: from?.id }, { id: to?.id }] })
})

test('… and of the first role when the addressed one takes no part', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 5 })
  const data = { from: 'a', to: 'b' }
  expect(await send(replica, 'jar.nobody.pour', data)).toMatchObject({ ok: true, id: 'a', version: 2 })
  expect(await send(replica, 'jar.b.pour', data)).toMatchObject({ ok: true, id: 'b', version: 2 })
  expect(await eventsOf(replica, 'jar.nobody')).toEqual([])
  const heads = { 'Expected-Version': '0' }
  expect(await send(replica, 'jar.nobody.pour', data, heads)).toMatchObject({
    status: 400,
    code: 'INVALID_HEADER',
    errors: [{ path: 'Expected-Version' }],
  })
})

test('Expected-Version is that of the addressed aggregate', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 5 })
  const pour = (version: string) => send(replica, 'jar.a.pour', { to: 'b' }, { 'Expected-Version': version })
  expect(await pour('0')).toMatchObject({ status: 409, code: 'WRONG_EXPECTED_VERSION', actualVersion: 1 })
  expect(await pour('1')).toMatchObject({ ok: true, version: 2 })
})

test('many at once are decided in order, in fewer commits than there are of them', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 30 })
  const replies = await Promise.all(upTo(50).map((n) => send(replica, 'jar.a.pour', { to: `b${n % 5}` })))
  expect(replies.filter(({ ok }) => ok)).toHaveLength(30)
  for (const reply of replies)
    if (!reply.ok) expect(reply).toMatchObject({ status: 422, code: 'JAR_EMPTY', detail: 'there are 0' })
  const taken = await eventsOf(replica, 'jar.a')
  expect(taken.map(({ sequence }) => sequence)).toEqual(upTo(31))
  expect(new Set(taken.map(({ position }) => position.sequence)).size).toBeLessThan(20)
  const given = await Promise.all(upTo(5).map((n) => eventsOf(replica, `jar.b${n % 5}`)))
  expect(
    given
      .flat()
      .map(({ commandid }) => commandid)
      .toSorted(),
  ).toEqual(
    taken
      .slice(1)
      .map(({ commandid }) => commandid)
      .toSorted(),
  )
})

test('a chain of transfers within a round sees what the ones before it did', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.j0.fill', { count: 1 })
  const replies = await Promise.all(upTo(20).map((n) => send(replica, `jar.j${n - 1}.pour`, { to: `j${n}` })))
  expect(replies.every(({ ok }) => ok)).toBe(true)
  expect(await eventsOf(replica, 'jar.j20')).toMatchObject([{ data: { count: 1 } }])
})

test('one that makes nothing happen is accepted, with the version as it is', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 5 })
  expect(await send(replica, 'jar.a.mischief', { to: 'b', how: 'nothing' })).toMatchObject({
    ok: true,
    id: 'a',
    version: 1,
    position: { sequence: 1 },
    events: [],
  })
})

test('the service says which transactions it takes', async () => {
  const nc = await connectTo(nats())
  const { namespace } = await startReplica(nc)
  const info = await request(nc, `$SRV.INFO.${namespace}-commands`)
  expect(info.json()).toMatchObject({
    metadata: { transactions: 'account.transfer,jar.pour,jar.fill-up-to,jar.mischief' },
  })
})
