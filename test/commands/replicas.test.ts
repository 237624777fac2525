import { expect, test } from 'vitest'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'
import type { Command } from '../../src/commands/command.ts'
import type { Draft } from '../../src/streams/log/append.ts'
import { aCommand } from '../support/a-command.ts'
import { composeActors } from '../support/compose-commands.ts'
import { type Service, eventsOf, send, startService, thing, upTo } from './support.ts'

const nats = useNats()

async function startReplicas(settings = {}) {
  const namespace = uniqueName()
  const one = await startService(await connectTo(nats()), { namespace, settings })
  const two = await startService(await connectTo(nats()), { namespace, settings })
  return [one, two] as const
}

/** Hands a command to the actors of one replica, past the queue group. */
function submit({ actors }: Service, name: string, data: unknown, changes: Partial<Command> = {}) {
  const command = aCommand(`thing.a.${name}`, data, changes)
  return new Promise((resolve) => actors.submit(command, resolve))
}

test('interleaved commands of two replicas are decided one after another', async () => {
  const [one] = await startReplicas({ conflictRetries: 100 })
  const limit = 50
  const answers = await Promise.all(
    upTo(300).map((n) => send(one, `a${n % 3}.add-below`, { by: 1, limit }, { 'Command-Id': `c-${n}` })),
  )
  for (const id of ['a0', 'a1', 'a2']) {
    const events = await eventsOf(one, id)
    expect(events.map(({ sequence }) => sequence)).toEqual(upTo(limit))
    expect(new Set(events.map(({ commandid }) => commandid)).size).toBe(limit)
  }
  expect(answers.filter(({ ok }) => ok)).toHaveLength(150)
  for (const answer of answers)
    if (!answer.ok) expect(answer).toMatchObject({ code: 'THING_FULL', detail: /^50 and/ })
})

test('a replica does not refuse by what it remembers', async () => {
  const [one, two] = await startReplicas()
  await submit(one, 'add', { by: 1 })
  await submit(two, 'add', { by: 1 })
  // `one` remembers version 1; in the log there is version 2.
  expect(await submit(one, 'touch', {}, { expectedVersion: 2 })).toMatchObject({ ok: true, version: 2 })
  await submit(two, 'add', { by: 1 })
  expect(await submit(one, 'touch', {}, { expectedVersion: 2 })).toMatchObject({
    ok: false,
    actualVersion: 3,
  })
  await submit(two, 'add', { by: 1 })
  expect(await submit(one, 'add-below', { by: 1, limit: 4 })).toMatchObject({
    ok: false,
    detail: '4 and 1 are more than 4',
  })
})

test('a group is decided again after a conflict, and its repeated commands are found in what others wrote', async () => {
  const [one, two] = await startReplicas()
  await submit(one, 'add', { by: 1 })
  const first = await submit(two, 'add', { by: 1 }, { commandId: 'same' })
  const [again, other] = await Promise.all([
    submit(one, 'add', { by: 1 }, { commandId: 'same' }),
    submit(one, 'add', { by: 1 }),
  ])
  expect(first).toMatchObject({ ok: true, version: 2, duplicate: false })
  expect(again).toMatchObject({ ok: true, version: 2, duplicate: true })
  expect(other).toMatchObject({ ok: true, version: 3, duplicate: false })
  expect(await eventsOf(one, 'a')).toHaveLength(3)
})

test('who loses every time is told so after as many attempts as are configured, and nothing is stored for it', async () => {
  const [one, two] = await startReplicas()
  let appends = 0
  const log = {
    ...one.log,
    async append(draft: Draft) {
      appends++
      // Always somebody was quicker.
      await submit(two, 'add', { by: 1 })
      return await one.log.append(draft)
    },
  }
  const { nc, namespace } = one
  const unlucky = await composeActors({
    nc,
    namespace,
    log,
    aggregates: [thing],
    settings: { conflictRetries: 2 },
  })
  const told = new Promise((resolve) => unlucky.actors.submit(aCommand('thing.a.add', { by: 1 }), resolve))
  expect(await told).toMatchObject({ status: 503, code: 'CONTENTION' })
  expect(appends).toBe(3)
  expect(await eventsOf(one, 'a')).toHaveLength(3)
})

test('who loses too often is told so, and nothing is stored for it', async () => {
  const [one, two] = await startReplicas({ conflictRetries: 0 })
  await submit(one, 'add', { by: 1 })
  await submit(two, 'add', { by: 1 })
  expect(await submit(one, 'add', { by: 1 })).toMatchObject({
    status: 503,
    code: 'CONTENTION',
    retryAfterMs: 50,
  })
  expect(await eventsOf(one, 'a')).toHaveLength(2)
})
