import { expect, test } from 'vitest'
import { connectTo, startOwnNats, uniqueName, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { eventsOf, send, startReplica, upTo } from './support.ts'

const nats = useNats()

test('commands of one aggregate and transactions over it take turns, however many there are of either', async () => {
  const replica = await startReplica(await connectTo(nats()), { settings: { groupMaxCommands: 4 } })
  await send(replica, 'jar.a.fill', { count: 10_000 })
  const order: string[] = []
  const note = (what: string) => (reply: { ok: boolean }) => {
    expect(reply).toMatchObject({ ok: true })
    order.push(what)
  }
  const singles = upTo(200).map(() => replica.submit('jar.a.fill', { count: 1 }).then(note('single')))
  const transactions = upTo(200).map((n) =>
    replica.submit('jar.a.pour', { to: `b${n % 3}` }).then(note('transaction')),
  )
  await Promise.all([...singles, ...transactions])
  // Neither had to wait until the other was through.
  const half = order.slice(0, 200)
  expect(half.filter((what) => what === 'single').length).toBeGreaterThan(50)
  expect(half.filter((what) => what === 'transaction').length).toBeGreaterThan(50)
  expect((await eventsOf(replica, 'jar.a')).map(({ sequence }) => sequence)).toEqual(upTo(401))
})

test('past the bound they are told to come again, and what was taken is answered', async () => {
  const replica = await startReplica(await connectTo(nats()), { settings: { mailboxLimit: 10 } })
  await send(replica, 'jar.a.fill', { count: 1000 })
  const replies = await Promise.all(upTo(50).map(() => replica.submit('jar.a.pour', { to: 'b' })))
  expect(replies.filter(({ ok }) => ok)).toHaveLength(10)
  for (const reply of replies)
    if (!reply.ok) expect(reply).toMatchObject({ status: 503, code: 'MAILBOX_FULL', retryAfterMs: 200 })
  expect(await replica.submit('jar.a.pour', { to: 'b' })).toMatchObject({ ok: true })
  expect(await eventsOf(replica, 'jar.b')).toHaveLength(11)
})

test('who loses to another replica for longer than the time is told so, and nothing is stored for it', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace, settings: { timeoutMs: 0 } })
  const two = await startReplica(await connectTo(nats()), { namespace })
  await one.submit('jar.a.fill', { count: 5 })
  // It has both in memory: who has to wait for one that is read first is told the same.
  await one.submit('jar.b.fill', { count: 0 })
  await two.submit('jar.a.fill', { count: 1 })
  expect(await one.submit('jar.a.pour', { to: 'b' })).toMatchObject({
    status: 503,
    code: 'CONTENTION',
    retryAfterMs: 50,
  })
  expect(await eventsOf(one, 'jar.b')).toHaveLength(1)
  // What it met has been read: the next one succeeds.
  expect(await one.submit('jar.a.pour', { to: 'b' })).toMatchObject({ ok: true })
})

test('without a server (1 fault) they are told so in time, and what was not confirmed is decided anew afterwards', async () => {
  const own = await startOwnNats()
  const replica = await startReplica(await connectTo(own), { appendTimeoutMs: 400 })
  // A server that has just started may take longer than that to store what it is given.
  const insist = async (...[path, data, changes]: Parameters<typeof replica.submit>) =>
    await until(`${path} to be answered`, async () => {
      const reply = await replica.submit(path, data, changes)
      return (reply.ok || reply.status !== 503) && reply
    })
  await insist('jar.a.fill', { count: 5 }, { commandId: 'a' })
  await insist('jar.b.fill', { count: 0 }, { commandId: 'b' })
  await own.kill()
  const pour = ['jar.a.pour', { to: 'b' }, { commandId: 'x' }] as const
  const lost = await replica.submit(...pour)
  expect(lost).toMatchObject({ ok: false, status: 503, code: 'LOG_UNAVAILABLE' })
  await own.restart()
  expect(await insist(...pour)).toMatchObject({ ok: true, version: 2 })
  expect(await eventsOf(replica, 'jar.b')).toHaveLength(2)
})

test('closing answers all that were taken', async () => {
  const replica = await startReplica(await connectTo(nats()))
  await send(replica, 'jar.a.fill', { count: 1000 })
  const replies = upTo(300).map((n) => replica.submit('jar.a.pour', { to: `b${n % 9}` }))
  expect(await replica.close()).toBe(0)
  expect((await Promise.all(replies)).every(({ ok }) => ok)).toBe(true)
})
