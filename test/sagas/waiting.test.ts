import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { awaitEvent, commandTo, defineAggregate, defineContext, defineSaga } from '../../src/index.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

/** A door that is opened and closed; others see it. */
const door = defineAggregate({
  name: 'door',
  events: { 'door.opened': z.object({ for: z.string() }), 'door.closed': z.object({}) },
  commands: { open: z.object({ for: z.string() }), close: z.object({}) },
  initial: { open: false },
  decide: {
    open: (_, data) => ({ type: 'door.opened', data }),
    close: () => ({ type: 'door.closed', data: {} }),
  },
  evolve: {
    'door.opened': () => ({ open: true }),
    'door.closed': () => ({ open: false }),
  },
})

const Decision = z.object({ enter: z.boolean() })

/** Waits until somebody opens the door for it, is decided about, pauses, and closes the door behind itself. */
const visit = defineSaga({
  name: 'visit',
  input: z.object({ door: z.string() }),
  deadlineMs: 60_000,
  steps: [
    { name: 'opened', event: awaitEvent(door, 'door.opened', ({ data }) => data.for) },
    { name: 'admitted', decision: Decision, accept: (data) => Decision.parse(data).enter },
    { name: 'stay', pauseMs: () => 50 },
    {
      name: 'close',
      invoke: ({ input, heard }) => {
        heard('opened', z.object({ for: z.string() }))
        return commandTo(door, input.door, 'close', {})
      },
    },
  ],
})

const contexts = [
  defineContext({ name: 'doors', aggregates: [door] }),
  defineContext({ name: 'visits', sagas: [visit] }),
]

describe('a step that waits', () => {
  let service: Awaited<ReturnType<typeof startTestService>>
  let nc: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    service = await startTestService({ contexts })
    nc = await connect({ servers: service.endpoints.nats })
  })
  afterAll(async () => {
    await nc.close()
    await service.stop()
  })
  const send = async (aggregate: string, id: string, command: string, data: unknown, wait?: 'completed') =>
    await createNatsSender({ nc, namespace: 'hw', timeoutMs: 20_000 }).send({
      aggregate,
      id,
      command,
      data,
      wait,
    })

  it('goes on when its event has come, the decision is made and the time is over', async () => {
    const ended = send('visit', 'v-1', 'start', { door: 'd-1' }, 'completed')
    await until('it has begun', async () => {
      const reply = await send('visit', 'v-1', 'resume', {})
      return !reply.ok && reply.code === 'SAGA_NOT_PARKED'
    })
    await send('door', 'd-1', 'open', { for: 'v-1' })
    // Before the saga waits for it, maybe: it is kept.
    expect(await send('visit', 'v-1', 'signal', { step: 'admitted', data: { enter: true } })).toMatchObject({
      ok: true,
    })
    expect(await ended).toMatchObject({ ok: true, saga: { status: 'completed' } })
  })

  it('is undone when the decision is no', async () => {
    const ended = send('visit', 'v-2', 'start', { door: 'd-2' }, 'completed')
    await until('it has begun', async () => {
      const reply = await send('visit', 'v-2', 'signal', { step: 'admitted', data: { enter: false } })
      return reply.ok
    })
    await send('door', 'd-2', 'open', { for: 'v-2' })
    expect(await ended).toMatchObject({ ok: false, status: 422, code: 'DECISION_REFUSED' })
  })

  it('refuses a decision that does not fit, and one about a step that decides nothing', async () => {
    await send('visit', 'v-3', 'start', { door: 'd-3' })
    expect(
      await send('visit', 'v-3', 'signal', { step: 'admitted', data: { enter: 'perhaps' } }),
    ).toMatchObject({
      status: 422,
      code: 'INVALID_SIGNAL',
    })
    expect(await send('visit', 'v-3', 'signal', { step: 'stay', data: {} })).toMatchObject({
      status: 404,
      code: 'UNKNOWN_SIGNAL',
    })
    expect(
      await send('visit', 'nobody', 'signal', { step: 'admitted', data: { enter: true } }),
    ).toMatchObject({
      status: 404,
      code: 'SAGA_NOT_FOUND',
    })
  })
})
