import { expect, test } from 'vitest'
import { connectTo, useNats } from '../streams/support.ts'
import { eventsOf, send, startService, upTo } from './support.ts'

const nats = useNats()

test('commands that wait for one aggregate share commits, and each is answered with its own events', async () => {
  const service = await startService(await connectTo(nats()))
  const answers = await Promise.all(
    upTo(400).map((n) => send(service, 'a.add', { by: n }, { 'Command-Id': `c-${n}` })),
  )
  const events = await eventsOf(service, 'a')
  expect(events.map(({ sequence }) => sequence)).toEqual(upTo(400))
  expect((await service.log.bounds()).last).toBeLessThan(100)
  for (const [index, answer] of answers.entries()) {
    const [mine, ...others] = events.filter(({ commandid }) => commandid === `c-${index + 1}`)
    expect(others).toEqual([])
    expect(mine?.data).toEqual({ by: index + 1 })
    expect(answer).toMatchObject({
      ok: true,
      version: mine?.sequence,
      position: mine?.position,
      events: [{ id: mine?.id, version: mine?.sequence }],
    })
  }
})

test('a group is bounded by its commands and its bytes', async () => {
  const few = await startService(await connectTo(nats()), { settings: { groupMaxCommands: 10 } })
  await Promise.all(upTo(100).map(() => send(few, 'a.add', { by: 1 })))
  expect((await few.log.bounds()).last).toBeGreaterThanOrEqual(10)
  const small = await startService(await connectTo(nats()), { settings: { groupMaxBytes: 1 } })
  await Promise.all(upTo(20).map(() => send(small, 'a.add', { by: 1 })))
  expect((await small.log.bounds()).last).toBe(20)
})

test('who is refused, fails or is too large in a group, is so alone', async () => {
  const service = await startService(await connectTo(nats()), { settings: { groupMaxCommands: 50 } })
  // The first goes alone; the others wait for it, and are one group.
  const answers = await Promise.all([
    send(service, 'a.add', { by: 1 }),
    send(service, 'a.add', { by: 2 }),
    send(service, 'a.add-below', { by: 900, limit: 100 }),
    send(service, 'a.boom'),
    send(service, 'a.fill', { bytes: 5_000_000 }),
    send(service, 'a.be-odd'),
    send(service, 'a.add', { by: 3 }, { 'Expected-Version': '99' }),
    send(service, 'a.add', { by: 4 }),
  ])
  expect(answers.map((answer) => (answer.ok ? 'ok' : answer.code))).toEqual([
    'ok',
    'ok',
    'THING_FULL',
    'INTERNAL',
    'COMMIT_TOO_LARGE',
    'INTERNAL',
    'WRONG_EXPECTED_VERSION',
    'ok',
  ])
  expect(JSON.stringify(answers)).not.toMatch(/secret|BigInt/)
  expect(service.errors.join()).toMatch(/the secret inside/)
  expect((await eventsOf(service, 'a')).map(({ data }) => data)).toEqual([{ by: 1 }, { by: 2 }, { by: 4 }])
})

test('large events that do not fit together go one by one', async () => {
  const service = await startService(await connectTo(nats()))
  const answers = await Promise.all(upTo(8).map(() => send(service, 'a.fill', { bytes: 1_500_000 })))
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(await eventsOf(service, 'a')).toHaveLength(8)
})
