import { expect, test } from 'vitest'
import { connectTo, eventually, useNats } from '../streams/support.ts'
import { eventsOf, request, send, startService, upTo } from './support.ts'

const nats = useNats()
const codes = (answers: Awaited<ReturnType<typeof send>>[]) =>
  answers.map((one) => (one.ok ? 'ok' : one.code))

test('a full mailbox refuses with a hint, and the others are served', async () => {
  const service = await startService(await connectTo(nats()), { settings: { mailboxLimit: 10 } })
  const answers = await Promise.all(upTo(200).map(() => send(service, 'a.add', { by: 1 })))
  const accepted = answers.filter(({ ok }) => ok).length
  const full = answers.find((one) => !one.ok)
  expect(full).toMatchObject({ status: 503, code: 'MAILBOX_FULL', retryAfterMs: 200 })
  expect(new Set(codes(answers))).toEqual(new Set(['ok', 'MAILBOX_FULL']))
  expect(await eventsOf(service, 'a')).toHaveLength(accepted)
  expect(service.actors.inFlight).toBe(0)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: accepted + 1 })
})

test('more commands in work than allowed are refused with a hint, also in the headers', async () => {
  const nc = await connectTo(nats())
  const service = await startService(nc, { settings: { inFlightLimit: 5 } })
  const { namespace } = service
  const messages = await Promise.all(
    upTo(50).map((n) => request(nc, `${namespace}.cmd.thing.a${n}.add`, '{"by":1}')),
  )
  const refused = messages.filter(({ headers }) => headers?.get('Nats-Service-Error-Code') === '503')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(50)
  for (const message of refused) {
    expect(message.json()).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 200 })
    expect(message.headers?.get('Retry-After')).toBe('1')
  }
  expect((await service.log.bounds()).last).toBe(50 - refused.length)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true })
})

test('more aggregates than fit into memory are served right', async () => {
  const service = await startService(await connectTo(nats()), { settings: { actors: 2 } })
  for (const round of upTo(5)) {
    const answers = await Promise.all(
      upTo(20).map((n) => send(service, `a${n}.add-below`, { by: 1, limit: 4 })),
    )
    expect(new Set(codes(answers))).toEqual(new Set([round <= 4 ? 'ok' : 'THING_FULL']))
    for (const answer of answers) if (answer.ok) expect(answer.version).toBe(round)
    await eventually(() => service.actors.resident <= 2)
  }
})

test('an idle aggregate leaves memory', async () => {
  const service = await startService(await connectTo(nats()), { settings: { idleMs: 20 } })
  await send(service, 'a.add', { by: 1 })
  await eventually(() => service.actors.resident === 0)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 2 })
})
