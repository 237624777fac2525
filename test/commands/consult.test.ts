import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createConsultations } from '../../src/commands/actor/consult.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { aCommand } from '../support/a-command.ts'
import { connectTo, eventually, uniqueName, useNats } from '../streams/support.ts'
import { ODD, type Question, asking, holding } from './asking.ts'
import { type ServiceOptions, eventsOf, send, startService, upTo } from './support.ts'

const nats = useNats()

const start = async (outside: (question: Question) => Promise<number>, options: ServiceOptions = {}) =>
  await startService(await connectTo(nats()), { aggregate: asking(outside), ...options })

/** An outside that says the same to everybody at once. */
function saying(by: number) {
  const questions: Question[] = []
  return { questions, outside: async (question: Question) => (questions.push(question), by) }
}

describe('a command that asks outside', () => {
  test('is decided with the answer, on the state that the question was about', async () => {
    const { questions, outside } = saying(7)
    const service = await start(outside)
    await send(service, 'a.add', { by: 3 })
    const reply = await send(service, 'a.ask', { text: 'how many?' }, { 'Command-Id': 'c-1' })
    expect(reply).toMatchObject({ ok: true, version: 2, events: [{ type: 'thing.told' }] })
    expect(questions).toMatchObject([{ id: 'a', commandId: 'c-1', text: 'how many?', total: 3 }])
    expect((await eventsOf(service, 'a')).at(-1)).toMatchObject({ data: { by: 7 }, commandid: 'c-1' })
  })

  test('is decided alone: those around it are not kept in its commit', async () => {
    const service = await start(saying(1).outside)
    const adds = () => upTo(10).map(() => send(service, 'a.add', { by: 1 }))
    await Promise.all([...adds(), send(service, 'a.ask'), ...adds(), send(service, 'a.ask')])
    const events = await eventsOf(service, 'a')
    expect(events.map(({ sequence }) => sequence)).toEqual(upTo(22))
    for (const told of events.filter(({ type }) => type === 'thing.told')) {
      const together = events.filter(({ position }) => position.sequence === told.position.sequence)
      expect(together).toEqual([told])
    }
    // The others still go together.
    expect(new Set(events.map(({ position }) => position.sequence)).size).toBeLessThan(22)
  })

  test('is refused by the decider, which may repeat what was said outside', async () => {
    const service = await start(saying(-1).outside)
    expect(await send(service, 'a.ask')).toMatchObject({ status: 422, code: 'THING_REFUSED' })
    expect(await eventsOf(service, 'a')).toEqual([])
  })

  test('asks nobody when its state or its expected version refuses it', async () => {
    const { questions, outside } = saying(1)
    const service = await start(outside)
    await send(service, 'a.add', { by: 100 })
    expect(await send(service, 'a.ask')).toMatchObject({ status: 422, code: 'THING_FULL' })
    const missed = await send(service, 'b.ask', {}, { 'Expected-Version': '3' })
    expect(missed).toMatchObject({ status: 409, code: 'WRONG_EXPECTED_VERSION', actualVersion: 0 })
    expect(questions).toEqual([])
  })

  test('is asked once for a command that comes twice, also to another replica', async () => {
    const { questions, outside } = saying(5)
    const namespace = uniqueName()
    const service = await start(outside, { namespace })
    const head = { 'Command-Id': 'same' }
    const answers = await Promise.all(upTo(5).map(() => send(service, 'a.ask', {}, head)))
    expect(answers.map((answer) => answer.ok && answer.duplicate)).toEqual([false, true, true, true, true])
    await service.close()
    const other = await start(outside, { namespace })
    expect(await send(other, 'a.ask', {}, head)).toMatchObject({ ok: true, version: 1, duplicate: true })
    expect(questions).toHaveLength(1)
  })
})

describe('while the outside thinks', () => {
  test('a command that is sent again and again makes it be asked once more, not as often', async () => {
    const outside = holding()
    const service = await start(outside.outside)
    const head = { 'Command-Id': 'impatient' }
    const first = send(service, 'a.ask', {}, head)
    await eventually(() => outside.waiting === 1)
    const more = upTo(5).map(() => send(service, 'a.ask', {}, head))
    const other = send(service, 'a.add', { by: 1 })
    const misused = send(service, 'a.ask', { text: 'another' }, head)
    await eventually(() => service.actors.inFlight === 8)
    outside.answer(-1)
    await eventually(() => outside.waiting === 1)
    outside.answer(-2)
    expect(await first).toMatchObject({ code: 'THING_REFUSED', detail: '-1 was said' })
    for (const one of more) expect(await one).toMatchObject({ code: 'THING_REFUSED', detail: '-2 was said' })
    expect(await other).toMatchObject({ ok: true })
    await eventually(() => outside.waiting === 1)
    outside.answer(-3)
    expect(await misused).toMatchObject({ detail: '-3 was said' })
    expect(outside.questions.map(({ text }) => text)).toEqual(['', '', 'another'])
  })

  test('other aggregates go on', async () => {
    const outside = holding()
    const service = await start(outside.outside)
    const slow = send(service, 'a.ask')
    await eventually(() => outside.waiting === 1)
    expect(await send(service, 'b.add', { by: 1 })).toMatchObject({ ok: true })
    const behind = send(service, 'a.add', { by: 1 })
    const other = send(service, 'c.ask')
    await eventually(() => outside.waiting === 2)
    outside.answer(1)
    expect(await slow).toMatchObject({ ok: true, version: 1 })
    expect(await other).toMatchObject({ ok: true, version: 1 })
    expect(await behind).toMatchObject({ ok: true, version: 2 })
  })

  test('its aggregate takes no more than a mailbox holds', async () => {
    const outside = holding()
    const service = await start(outside.outside, { settings: { mailboxLimit: 5 } })
    const slow = send(service, 'a.ask')
    await eventually(() => outside.waiting === 1)
    const behind = upTo(20).map(() => send(service, 'a.add', { by: 1 }))
    const refused = await Promise.any(behind.map(async (one) => await refusalOf(one)))
    expect(refused).toMatchObject({ status: 503, code: 'MAILBOX_FULL' })
    outside.answer(1)
    expect(await slow).toMatchObject({ ok: true })
    const answers = await Promise.all(behind)
    expect(answers.filter(({ ok }) => ok)).toHaveLength(5)
  })

  test('no more than so many commands wait for it, and the others are told', async () => {
    const outside = holding()
    const service = await start(outside.outside, { settings: { consultLimit: 1 } })
    const slow = send(service, 'a.ask')
    await eventually(() => outside.waiting === 1)
    expect(await send(service, 'b.ask')).toMatchObject({
      status: 503,
      code: 'CONSULT_OVERLOADED',
      retryAfterMs: 200,
    })
    expect(await send(service, 'b.add', { by: 1 })).toMatchObject({ ok: true })
    outside.answer(1)
    await slow
    const next = send(service, 'b.ask')
    await eventually(() => outside.waiting === 1)
    outside.answer(1)
    expect(await next).toMatchObject({ ok: true })
  })

  test('a shutdown waits for the answer', async () => {
    const outside = holding()
    const service = await start(outside.outside)
    const slow = send(service, 'a.ask')
    await eventually(() => outside.waiting === 1)
    const closing = service.close()
    outside.answer(4)
    expect(await slow).toMatchObject({ ok: true, version: 1 })
    expect(await closing).toBe(0)
  })
})

test('a command that cannot be stored is refused as often as it was sent, and holds nobody up', async () => {
  const outside = holding()
  const service = await start(outside.outside)
  const head = { 'Command-Id': 'odd' }
  const first = send(service, 'a.ask', {}, head)
  await eventually(() => outside.waiting === 1)
  const more = upTo(2).map(() => send(service, 'a.ask', {}, head))
  await eventually(() => service.actors.inFlight === 3)
  for (let time = 0; time < 4; time++) {
    outside.answer(ODD)
    await eventually(() => outside.waiting === 1 || service.actors.inFlight === 0)
  }
  for (const one of [first, ...more]) expect(await one).toMatchObject({ status: 500, code: 'INTERNAL' })
  // The first one, the other two together, and then each by itself.
  expect(outside.questions).toHaveLength(4)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 1 })
})

test('leaves nothing behind at the signal that it might have heard of the end by', async () => {
  const signals: AbortSignal[] = []
  const service = await start(async ({ signal, text }) => {
    signals.push(signal)
    if (text === 'fail')
      throw new HeadwaterError({ code: 'BANK_CLOSED', status: 503, detail: 'Until Monday' })
    return 1
  })
  expect(await send(service, 'a.ask')).toMatchObject({ ok: true })
  expect(await send(service, 'a.ask', { text: 'fail' })).toMatchObject({ code: 'BANK_CLOSED' })
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
  expect(signals.flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([])
})

test('nobody is asked for a command whose time is up', async () => {
  const { questions, outside } = saying(1)
  const consultations = createConsultations({ consultTimeoutMs: 50, consultLimit: 1 }, () => {})
  const command = aCommand('thing.a.ask', { text: '' })
  const state = { total: 0 }
  const asked = consultations.ask(asking(outside), command, state, AbortSignal.abort())
  await expect(asked).rejects.toMatchObject({ code: 'CONSULT_TIMEOUT' })
  expect(questions).toEqual([])
  // It has not taken the place of one that may ask.
  expect(await consultations.ask(asking(outside), command, state, consultations.deadline())).toBe(1)
})

describe('when the outside fails', () => {
  test('it has so long and no longer, whether it listens or not', async () => {
    const outside = holding()
    const service = await start(outside.outside, { settings: { consultTimeoutMs: 50 } })
    const late = await send(service, 'a.ask')
    expect(late).toMatchObject({ status: 503, code: 'CONSULT_TIMEOUT', retryAfterMs: 1000 })
    expect(outside.questions[0]?.signal.aborted).toBe(true)
    expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 1 })
    // What it says afterwards nobody hears.
    outside.answer(9)
    expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: 2 })
    expect((await eventsOf(service, 'a')).map(({ type }) => type)).toEqual(['thing.added', 'thing.added'])
  })

  test('one that listens to the signal is late, too', async () => {
    const service = await start(
      async ({ signal }) =>
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
      { settings: { consultTimeoutMs: 50 } },
    )
    expect(await send(service, 'a.ask')).toMatchObject({ status: 503, code: 'CONSULT_TIMEOUT' })
    expect(service.errors).toEqual([])
  })

  test('what it throws is for the log, and the client gets a hint', async () => {
    let down = true
    const bug = new TypeError('cannot reach 10.0.0.1')
    const service = await start(async () => {
      if (down) throw bug
      return 2
    })
    const head = { 'Command-Id': 'again' }
    const failed = await send(service, 'a.ask', {}, head)
    expect(failed).toMatchObject({ status: 503, code: 'CONSULT_FAILED', retryAfterMs: 1000 })
    expect(JSON.stringify(failed)).not.toContain('10.0.0.1')
    expect(service.errors).toEqual([bug])
    down = false
    expect(await send(service, 'a.ask', {}, head)).toMatchObject({ ok: true, version: 1, duplicate: false })
  })

  test('an error of its own keeps its code', async () => {
    const service = await start(async () => {
      throw new HeadwaterError({
        code: 'BANK_CLOSED',
        status: 503,
        detail: 'Until Monday',
        retryAfterMs: 9000,
      })
    })
    expect(await send(service, 'a.ask')).toMatchObject({
      status: 503,
      code: 'BANK_CLOSED',
      detail: 'Until Monday',
      retryAfterMs: 9000,
    })
    expect(service.errors).toEqual([])
  })
})

describe('with two replicas', () => {
  async function replicas(outside: (question: Question) => Promise<number>) {
    const namespace = uniqueName()
    const one = await start(outside, { namespace })
    const two = await start(outside, { namespace })
    return { one, two }
  }

  /** Hands a command to the actors of one replica, past the queue group. */
  function submit(service: Awaited<ReturnType<typeof start>>, name: string, data: object, commandId: string) {
    const command = aCommand(`thing.a.${name}`, data, { commandId })
    return new Promise((resolve) => service.actors.submit(command, resolve))
  }

  test('it is asked again, under the same id, when the other one wrote meanwhile', async () => {
    const outside = holding()
    const { one, two } = await replicas(outside.outside)
    const slow = submit(one, 'ask', { text: '' }, 'c-1')
    await eventually(() => outside.waiting === 1)
    await submit(two, 'add', { by: 10 }, 'c-2')
    outside.answer(1)
    await eventually(() => outside.waiting === 1)
    outside.answer(2)
    expect(await slow).toMatchObject({ ok: true, version: 2 })
    expect(outside.questions.map(({ commandId, total }) => [commandId, total])).toEqual([
      ['c-1', 0],
      ['c-1', 10],
    ])
    expect((await eventsOf(one, 'a')).map(({ data }) => data)).toEqual([{ by: 10 }, { by: 2 }])
  })

  test('the same command in both happens once', async () => {
    const outside = holding()
    const { one, two } = await replicas(outside.outside)
    const both = [submit(one, 'ask', { text: '' }, 'c'), submit(two, 'ask', { text: '' }, 'c')]
    await eventually(() => outside.waiting === 2)
    outside.answer(5)
    const answers = await Promise.all(both)
    expect(answers).toContainEqual(expect.objectContaining({ ok: true, version: 1, duplicate: false }))
    expect(answers).toContainEqual(expect.objectContaining({ ok: true, version: 1, duplicate: true }))
    expect(outside.questions.map(({ commandId }) => commandId)).toEqual(['c', 'c'])
    expect(await eventsOf(one, 'a')).toHaveLength(1)
  })

  test('it is asked about what the log has, not about what a replica last saw', async () => {
    const { questions, outside } = saying(1)
    const { one, two } = await replicas(outside)
    await submit(one, 'add', { by: 1 }, 'c-1')
    await submit(two, 'add', { by: 99 }, 'c-2')
    expect(await submit(one, 'ask', { text: '' }, 'c-3')).toMatchObject({ code: 'THING_FULL' })
    expect(questions).toEqual([])
  })

  test('the other one asks again under the same id after a crash before the commit (1 fault)', async () => {
    const outside = holding()
    const { one, two } = await replicas(outside.outside)
    void submit(one, 'ask', { text: '' }, 'c')
    await eventually(() => outside.waiting === 1)
    await one.nc.close()
    outside.answer(5)
    const again = submit(two, 'ask', { text: '' }, 'c')
    await eventually(() => outside.waiting === 1)
    outside.answer(5)
    expect(await again).toMatchObject({ ok: true, version: 1, duplicate: false })
    expect(outside.questions.map(({ commandId }) => commandId)).toEqual(['c', 'c'])
    expect(await eventsOf(two, 'a')).toHaveLength(1)
  })
})

test('only commands that there are can ask, and only their deciders are answered', () => {
  const parts = { name: 'thing', events: { 'thing.done': z.object({}) }, commands: { go: z.object({}) } }
  const evolve = { 'thing.done': (state: object) => state }
  expect(() =>
    defineAggregate({
      ...parts,
      initial: {},
      consult: { come: async () => 1 },
      decide: { go: () => [] },
      evolve,
    }),
  ).toThrow(/consults about come/)
  defineAggregate({
    ...parts,
    initial: {},
    // @ts-expect-error nobody is asked about this command, so there is no answer
    decide: { go: (_state, _data, _context, answer) => (answer ? [] : []) },
    evolve,
  })
})

/** The refusal that a reply is; rejects when it is none. */
async function refusalOf(reply: ReturnType<typeof send>) {
  const answer = await reply
  if (answer.ok) throw new Error('it was accepted')
  return answer
}
