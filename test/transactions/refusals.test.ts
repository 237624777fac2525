import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTransaction } from '../../src/commands/definition/define-transaction.ts'
import { defineContext } from '../../src/runtime/define-context.ts'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'
import { jar, pour, shelf } from './jars.ts'
import { eventsOf, send, startReplica, upTo } from './support.ts'

const nats = useNats()

test('the data is checked, and what it names has to be ids', async () => {
  const replica = await startReplica(await connectTo(nats()))
  expect(await send(replica, 'jar.a.pour', {})).toMatchObject({ status: 400, errors: [{ path: 'to' }] })
  expect(await send(replica, 'jar.a.pour', { to: 'b.*' })).toMatchObject({ status: 400, code: 'INVALID_ID' })
  expect(await send(replica, 'jar.a.none')).toMatchObject({
    code: 'UNKNOWN_COMMAND',
    detail: expect.stringMatching(/it has fill, label, ask, pour, fill-up-to, mischief/),
  })
})

test('two roles of one aggregate are refused, by the domain or without it', async () => {
  const replica = await startReplica(await connectTo(nats()))
  expect(await send(replica, 'jar.a.pour', { to: 'a' })).toMatchObject({
    status: 422,
    code: 'SAME_AGGREGATE',
    detail: 'jar a cannot be from and to of one pour; name different ones',
  })
  expect(await send(replica, 'account.a.transfer', { to: 'a', amount: '1.00' })).toMatchObject({
    status: 422,
    code: 'SAME_ACCOUNT',
  })
})

test('a replica does not refuse by what it remembers, of whom nothing happens to either', async () => {
  const namespace = uniqueName()
  const one = await startReplica(await connectTo(nats()), { namespace })
  const two = await startReplica(await connectTo(nats()), { namespace })
  const fill = (count: number) => one.submit('jar.a.fill-up-to', { shelf: 's', count })
  await one.submit('shelf.s.limit', { limit: 1 })
  expect(await fill(2)).toMatchObject({ code: 'SHELF_FULL', detail: 'at most 1' })
  await two.submit('shelf.s.limit', { limit: 2 })
  // Accepted on what the shelf is now, though nothing happens to the shelf.
  expect(await fill(2)).toMatchObject({ ok: true })
  await two.submit('shelf.s.limit', { limit: 1 })
  expect(await fill(0)).toMatchObject({ ok: false, detail: 'at most 1' })
})

test.each(['throw', 'bigint', 'participants'])(
  'the bug of one (%s) is not that of those who are decided with it, and its text stays inside',
  async (how) => {
    const replica = await startReplica(await connectTo(nats()))
    await send(replica, 'jar.a.fill', { count: 20 })
    const [bad, ...good] = await Promise.all([
      replica.submit('jar.a.mischief', { to: 'b', how }),
      ...upTo(10).map(() => replica.submit('jar.a.pour', { to: 'b' })),
    ])
    expect(bad).toMatchObject({ status: 500, code: 'INTERNAL' })
    expect(JSON.stringify(bad)).not.toContain('secret')
    expect(good.every(({ ok }) => ok)).toBe(true)
    expect(await eventsOf(replica, 'jar.b')).toHaveLength(10)
    expect(replica.errors.length).toBeGreaterThan(0)
  },
)

test('a transaction over aggregates of two contexts is a TypeError, and so are names that are taken', () => {
  const context = { name: 'jars', aggregates: [jar], transactions: [pour] }
  expect(() => defineContext({ name: 'jars', aggregates: [shelf], transactions: [pour] })).toThrow(TypeError)
  expect(() => defineContext({ ...context, transactions: [pour, pour] })).toThrow(/two transactions jar.pour/)
  expect(defineContext(context).transactions).toEqual([pour])
  const named = (name: string) => () =>
    defineTransaction({
      name,
      on: jar,
      data: z.object({}),
      roles: { jar },
      participants: (_, id) => ({ jar: id }),
      decide: () => ({}),
    })
  expect(named('fill')).toThrow('jar has a command fill already')
  expect(named('a.b')).toThrow(TypeError)
})
