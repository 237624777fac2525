import { headers } from '@nats-io/nats-core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { createAwaitEnd } from '../../src/sagas/worker/await-end.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { uniqueName } from '../streams/support.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { type Replica, startReplica, transitions } from './support.ts'
import { parcel, patient, purchase } from './trade.ts'

const stack = stackOfFile()

/** Past its pivot it notes, and waits for somebody to agree, side by side. */
const divided = defineSaga({
  name: 'divided',
  input: z.object({}),
  steps: [
    { name: 'send', invoke: ({ id }) => commandTo(parcel, id, 'send', { who: id }), pivot: true },
    [
      { name: 'note', invoke: ({ id }) => commandTo(parcel, id, 'note', { who: id }) },
      { name: 'agree', decision: z.boolean() },
    ],
  ],
})

async function openTrade(waits: { timeoutMs?: number; limit?: number } = {}) {
  const replica = await startReplica(stack().nc, {
    namespace: uniqueName(),
    sagas: [purchase, patient, divided],
    waits,
  })
  for (const thing of ['pen', 'ink']) await replica.send('stock', thing, 'fill', { left: 10 })
  return replica
}

const things = { things: ['pen', 'ink'] }

function start(replica: Replica, id: string, { saga = 'purchase', data = {}, commandId = id } = {}) {
  const sender = createNatsSender({ nc: replica.nc, namespace: replica.namespace, timeoutMs: 40_000 })
  return sender.send({ aggregate: saga, id, command: 'start', data, commandId, wait: 'completed' })
}

describe('who starts a saga with the header Wait: completed', () => {
  it('hears when it is through, with its position then', async () => {
    const replica = await openTrade()
    const reply = await start(replica, 'p-1', { data: things })
    const events = await replica.eventsOf('purchase', 'p-1')
    expect(reply).toMatchObject({
      ok: true,
      version: events.length,
      duplicate: false,
      saga: { status: 'completed' },
    })
    expect(events.at(-1)?.type).toBe('saga.completed')
  })

  it('hears the code of the step that was refused, and what was undone', async () => {
    const replica = await openTrade()
    expect(await start(replica, 'nowhere', { data: things })).toMatchObject({
      ok: false,
      status: 422,
      code: 'NO_SUCH_PLACE',
      title: 'The saga was undone',
      saga: { status: 'compensated', step: 'send', compensated: ['pay', 'reserve'] },
    })
  })

  it('hears that it is parked, why, and where it is told how to go on', async () => {
    const replica = await openTrade()
    expect(await start(replica, 'stuck-nowhere', { data: things })).toMatchObject({
      ok: false,
      status: 422,
      code: 'COMPENSATION_FAILED',
      title: 'The saga is parked',
      detail: expect.stringMatching(/ step pay failed: .*headwater sagas show stuck-nowhere$/),
      saga: { status: 'parked', step: 'pay' },
    })
    expect(await start(replica, 'unnoted', { data: things })).toMatchObject({
      ok: false,
      code: 'STEP_FAILED_AFTER_PIVOT',
      saga: { status: 'parked', step: 'note' },
    })
  })

  it('hears that it is parked, whatever its other steps hear after that, and that it goes on', async () => {
    const replica = await openTrade({ timeoutMs: 20_000 })
    const ask = () => start(replica, 'unnoted', { saga: 'divided' })
    const parked = { ok: false, code: 'STEP_FAILED_AFTER_PIVOT', saga: { status: 'parked', step: 'note' } }
    expect(await ask()).toMatchObject(parked)
    await replica.send('divided', 'unnoted', 'signal', { step: 'agree', data: true })
    expect((await transitions(replica, 'divided', 'unnoted')).at(-1)).toBe('step-succeeded agree')
    expect(await ask()).toMatchObject(parked)
    // It is refused again, and parked again.
    await replica.send('divided', 'unnoted', 'resume', {})
    await until('it is parked again', async () =>
      (await transitions(replica, 'divided', 'unnoted')).at(-1)?.startsWith('parked'),
    )
    expect(await ask()).toMatchObject(parked)
    await replica.send('divided', 'unnoted', 'resume', { done: true })
    const events = await replica.eventsOf('divided', 'unnoted')
    expect(await ask()).toMatchObject({ ok: true, version: events.length, saga: { status: 'completed' } })
  })

  it('keeps nothing waiting once it has heard', async () => {
    const replica = await openTrade()
    const asked: AbortSignal[] = []
    const conclude = createAwaitEnd({
      namespace: replica.namespace,
      logOf: () => replica.log,
      ends: {
        ...replica.ends,
        next(whose, signal) {
          asked.push(signal)
          return replica.ends.next(whose, signal)
        },
      },
      timeoutMs: 40_000,
      limit: 1,
      signal: new AbortController().signal,
    })
    const accepted = await replica.send('purchase', 'p-1', 'start', things)
    if (!accepted.ok) throw new Error(accepted.code)
    const command = {
      aggregate: 'purchase',
      id: 'p-1',
      name: 'start',
      data: things,
      bytes: 0,
      commandId: 'p-1',
      correlationId: 'p-1',
      causationId: 'p-1',
      expectedVersion: undefined,
      time: '2026-01-31T10:00:00.000Z',
      traceparent: undefined,
    }
    expect(await conclude(command, accepted)).toMatchObject({ ok: true, saga: { status: 'completed' } })
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.every(({ aborted }) => aborted)).toBe(true)
  })

  it('waits again with the same Command-Id, and hears the same', async () => {
    const replica = await openTrade()
    const first = start(replica, 'later', { saga: 'patient' })
    const second = start(replica, 'later', { saga: 'patient' })
    await until('it waits', async () => (await transitions(replica, 'patient', 'later')).length === 2)
    await replica.send('patient', 'later', 'signal', { step: 'agree', data: true })
    for (const reply of await Promise.all([first, second]))
      expect(reply).toMatchObject({ ok: true, saga: { status: 'completed' } })
    expect(await start(replica, 'later', { saga: 'patient' })).toMatchObject({
      ok: true,
      duplicate: true,
      saga: { status: 'completed' },
    })
  })

  it('is told that it runs when the time is up', async () => {
    const replica = await openTrade({ timeoutMs: 300 })
    expect(await start(replica, 'long', { saga: 'patient' })).toMatchObject({
      ok: true,
      saga: { status: 'running' },
    })
  })

  it('is answered at once when too many wait, and when the service stops', async () => {
    const replica = await openTrade({ limit: 2, timeoutMs: 40_000 })
    const waiting = [1, 2].map((number) => start(replica, `w-${number}`, { saga: 'patient' }))
    await until('both wait', async () => replica.waiting() === 2)
    expect(await start(replica, 'w-3', { saga: 'patient' })).toMatchObject({ saga: { status: 'running' } })
    await replica.stop()
    for (const reply of await Promise.all(waiting))
      expect(reply).toMatchObject({ saga: { status: 'running' } })
  })

  it('cannot wait for anything else', async () => {
    const replica = await openTrade()
    const { nc, namespace } = replica
    const head = headers()
    head.set('Wait', 'nonsense')
    const answer = await nc.request(`${namespace}.cmd.purchase.p-9.start`, JSON.stringify(things), {
      headers: head,
      timeout: 5000,
    })
    expect(answer.json()).toMatchObject({ ok: false, status: 400, code: 'INVALID_HEADER' })
    expect(await replica.eventsOf('purchase', 'p-9')).toEqual([])
  })
})
