import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { connectTo, eventually, someEvents, useNats } from '../streams/support.ts'
import { eventsOf, send, startService, upTo } from './support.ts'

const nats = useNats()

/** Commits of events with these versions, as some other program might have written them. */
async function planted(...commits: number[][]) {
  const service = await startService(await connectTo(nats()))
  const subject = `${service.namespace}.evt.thing.a`
  for (const versions of commits) {
    const events = versions.flatMap((version) =>
      someEvents(version).map((event) => ({ ...event, type: 'thing.added', data: { by: 1 } })),
    )
    await service.log.append({ subject, expected: await service.log.leaderSequence(subject), events })
  }
  return service
}

test.each([
  ['a version is missing', [[1], [3]], /begins with version 3, expected 2/],
  ['a version is there twice', [[1, 2], [2]], /begins with version 2, expected 3/],
  ['the first is missing', [[2], [3]], /begins with version 2, expected 1/],
])('nothing is decided on a log in which %s', async (_, commits, detail) => {
  const service = await planted(...commits)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({
    ok: false,
    status: 500,
    code: 'BROKEN_HISTORY',
  })
  expect(service.errors).toEqual([expect.objectContaining({ message: expect.stringMatching(detail) })])
  expect(await eventsOf(service, 'a')).toHaveLength(commits.flat().length)
})

const Any = z.object({})

/** Its state cannot be made of what others wrote, or not be kept in a snapshot. */
const picky = defineAggregate({
  name: 'thing',
  events: { 'thing.added': z.object({ by: z.int() }), 'thing.dated': Any },
  commands: { add: z.object({ by: z.int() }), date: Any },
  initial: { total: 0, at: new Date(0) },
  decide: {
    add: (_, { by }) => ({ type: 'thing.added', data: { by } }),
    date: () => ({ type: 'thing.dated', data: {} }),
  },
  evolve: {
    'thing.added'(state, { data }) {
      if (data.by > 1000) throw new RangeError('that is too much')
      return { ...state, total: state.total + data.by }
    },
    'thing.dated': (state) => ({ ...state, at: new Date(1) }),
  },
})

test('an event that a fold throws at is named, and nothing is decided', async () => {
  const service = await startService(await connectTo(nats()), { aggregate: picky })
  const subject = `${service.namespace}.evt.thing.a`
  const events = someEvents(1).map((event) => ({ ...event, type: 'thing.added', data: { by: 2000 } }))
  await service.log.append({ subject, expected: 0, events })
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: false, code: 'EVENT_NOT_APPLICABLE' })
  expect(await eventsOf(service, 'a')).toHaveLength(1)
})

test('a state that JSON cannot carry goes without snapshots, which is said once', async () => {
  const settings = { snapshotEvery: 5 }
  const service = await startService(await connectTo(nats()), { aggregate: picky, settings })
  const told = () => service.errors.filter((error) => String(error).includes('goes without snapshots'))
  for (const by of upTo(6)) await send(service, 'a.add', { by })
  await eventually(async () => told().length > 0)
  for (const id of ['a', 'b']) for (const by of upTo(6)) await send(service, `${id}.add`, { by })
  await service.close()
  expect(told()).toEqual([
    expect.objectContaining({ message: expect.stringContaining('The state of thing holds more than JSON') }),
  ])
  expect(await service.snapshots.load('thing', 'a')).toBeUndefined()
  const again = await startService(await connectTo(nats()), {
    namespace: service.namespace,
    aggregate: picky,
  })
  expect(await send(again, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 13 })
})
