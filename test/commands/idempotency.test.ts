import { expect, test } from 'vitest'
import { decideGroup } from '../../src/commands/actor/decide-group.ts'
import type { Command } from '../../src/commands/command.ts'
import { connectTo, eventually, useNats } from '../streams/support.ts'
import { eventsOf, send, startService, thing, upTo } from './support.ts'

const nats = useNats()
const once = { 'Command-Id': 'once' }

test('a repeated command gets its first answer, in the process that took it', async () => {
  const service = await startService(await connectTo(nats()))
  const first = await send(service, 'a.add-twice', { by: 1 }, once)
  await send(service, 'a.add', { by: 1 })
  expect(await send(service, 'a.add-twice', { by: 1 }, once)).toEqual({ ...first, duplicate: true })
  expect(await eventsOf(service, 'a')).toHaveLength(3)
})

test('… even when the domain would now refuse it, or its version has passed', async () => {
  const service = await startService(await connectTo(nats()))
  const heads = { ...once, 'Expected-Version': '0' }
  const first = await send(service, 'a.add-below', { by: 5, limit: 5 }, heads)
  expect(first).toMatchObject({ ok: true })
  expect(await send(service, 'a.add-below', { by: 5, limit: 5 }, heads)).toEqual({
    ...first,
    duplicate: true,
  })
})

test('… after the aggregate left memory', async () => {
  const service = await startService(await connectTo(nats()), { settings: { actors: 1 } })
  const first = await send(service, 'a.add', { by: 1 }, once)
  await send(service, 'b.add', { by: 1 })
  expect(service.actors.resident).toBe(1)
  expect(await send(service, 'a.add', { by: 1 }, once)).toEqual({ ...first, duplicate: true })
})

test('… from another replica, whatever it knew, and after a restart', async () => {
  const one = await startService(await connectTo(nats()))
  const first = await send(one, 'a.add', { by: 1 })
  const second = await send(one, 'a.add', { by: 1 }, once)
  const { namespace } = one
  await one.close()
  const two = await startService(await connectTo(nats()), { namespace })
  expect(await send(two, 'a.add', { by: 1 }, once)).toEqual({ ...second, duplicate: true })
  const three = await startService(await connectTo(nats()), { namespace })
  const answers = await Promise.all(upTo(40).map(() => send(two, 'a.add', { by: 1 }, once)))
  for (const answer of answers) expect(answer).toEqual({ ...second, duplicate: true })
  expect(first).toMatchObject({ duplicate: false })
  expect(await eventsOf(three, 'a')).toHaveLength(2)
})

test('… when two replicas get it at the same moment', async () => {
  const one = await startService(await connectTo(nats()))
  await startService(await connectTo(nats()), { namespace: one.namespace })
  for (const round of upTo(20)) {
    const heads = { 'Command-Id': `once-${round}` }
    const answers = await Promise.all(upTo(6).map(() => send(one, 'a.add', { by: 1 }, heads)))
    expect(answers.filter((answer) => answer.ok && !answer.duplicate)).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer.ok && answer.position.sequence)).size).toBe(1)
  }
  expect((await eventsOf(one, 'a')).map(({ sequence }) => sequence)).toEqual(upTo(20))
})

test('a refused command is decided again when it is repeated', async () => {
  const service = await startService(await connectTo(nats()))
  const add = () => send(service, 'a.add-below', { by: 5, limit: 7 }, once)
  await send(service, 'a.add', { by: 3 })
  expect(await add()).toMatchObject({ ok: false })
  expect(await add()).toMatchObject({ ok: false })
  expect(await eventsOf(service, 'a')).toHaveLength(1)
})

test('an id is forgotten after the window, in memory and in the log', async () => {
  const settings = { idempotencyWindowMs: 1 }
  const one = await startService(await connectTo(nats()), { settings })
  await send(one, 'a.add', { by: 1 }, once)
  const answeredAt = Date.now()
  // Windows are kept in whole seconds, rounded in favour of remembering.
  await eventually(() => Date.now() > answeredAt + 2100)
  // Packing is what forgets, and 1,000 new ids make it happen.
  await Promise.all(upTo(1000).map(() => send(one, 'a.add', { by: 1 })))
  expect(await send(one, 'a.add', { by: 1 }, once)).toMatchObject({ ok: true, duplicate: false })
})

const command = (commandId: string, name: string, data: unknown): Command => ({
  aggregate: 'thing',
  id: 'a',
  name,
  data,
  bytes: 1,
  commandId,
  correlationId: 'c',
  causationId: 'c',
  expectedVersion: undefined,
  time: '2026-01-31T10:00:00.000Z',
  traceparent: undefined,
})
const decide = (commands: Command[]) =>
  decideGroup(thing, { source: '/s', id: 'a', state: { total: 0 }, version: 0 }, commands, () => undefined)

test('within one group an id is applied once', () => {
  const { outcomes, events } = decide([
    command('x', 'add', { by: 1 }),
    command('x', 'add', { by: 1 }),
    command('y', 'add', { by: 1 }),
    command('x', 'add', { by: 1 }),
  ])
  expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'repeated', 'accepted', 'repeated'])
  expect(events.map(({ commandid }) => commandid)).toEqual(['x', 'y'])
})

test('… also when its first copy was refused or made nothing happen', () => {
  const first = [command('x', 'touch', {}), command('x', 'add-below', { by: 1, limit: 0 })]
  const { outcomes, events } = decide([...first, ...upTo(3).map(() => command('x', 'add', { by: 1 }))])
  expect(outcomes.map(({ kind }) => kind)).toEqual([
    'accepted',
    'refused',
    'accepted',
    'repeated',
    'repeated',
  ])
  expect(events).toHaveLength(1)
})

test('copies that arrive together are answered alike, and stored once', async () => {
  const service = await startService(await connectTo(nats()))
  const answers = await Promise.all(upTo(50).map(() => send(service, 'a.add', { by: 1 }, once)))
  expect(answers.filter((answer) => answer.ok && !answer.duplicate)).toHaveLength(1)
  expect(new Set(answers.map((answer) => answer.ok && answer.events[0]?.id)).size).toBe(1)
  expect(await eventsOf(service, 'a')).toHaveLength(1)
})
