import { jetstreamManager } from '@nats-io/jetstream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CommandReply } from '../../src/commands/command.ts'
import type { CommandSender } from '../../src/commands/client/command-sender.ts'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { problem } from '../../src/commands/problem.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { perform } from '../../src/sagas/worker/perform.ts'
import { uniqueName } from '../streams/support.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { startReplica, transitions } from './support.ts'
import { parcel, purchase } from './trade.ts'

const stack = stackOfFile()

describe('the commands of a step', () => {
  const reply = (id: string): CommandReply => ({
    ok: true,
    aggregate: 'a',
    id,
    version: 1,
    position: { stream: 'A', sequence: 1 },
    events: [],
    duplicate: false,
  })

  /** A step of a hundred commands, and what a sender that answers like this hears of it. */
  async function performed(
    answer: (number: number) => number,
    { isAgain = false, code = (status: number) => `S${status}` } = {},
  ) {
    const asked: string[] = []
    const sender: CommandSender = {
      send({ id, commandId = '' }) {
        asked.push(commandId)
        const status = answer(Number(id))
        return Promise.resolve(
          status === 200 ? reply(id) : problem({ status, code: code(status), detail: 'no' }),
        )
      },
    }
    const commands = Array.from({ length: 100 }, (_, number) => ({
      aggregate: 'a',
      id: `${number}`,
      command: 'do',
      data: {},
    }))
    const outcome = await perform({
      sender,
      commands,
      key: 'saga.s-1.step',
      correlationId: 'c',
      causationId: 'c',
      ignore: ['S404'],
      isAgain,
    })
    return { asked, outcome }
  }

  it('have ids of their own, the same whenever they are sent', async () => {
    const { asked, outcome } = await performed(() => 200)
    expect(new Set(asked).size).toBe(100)
    expect((await performed(() => 200)).asked).toEqual(asked)
    expect(outcome).toMatchObject({ kind: 'accepted' })
  })

  it('of which one was refused are undone when others were accepted', async () => {
    const { asked, outcome } = await performed((number) => (number === 7 ? 422 : 200))
    expect(outcome).toMatchObject({ kind: 'refused', partly: true, failure: { code: 'S422' } })
    expect(asked).toHaveLength(50)
    expect((await performed(() => 422)).outcome).toMatchObject({ kind: 'refused', partly: false })
  })

  it('may have been accepted before when they are sent again, and refused before their aggregate has seen them', async () => {
    const code = () => 'INVALID_COMMAND'
    expect((await performed(() => 400, { code, isAgain: true })).outcome).toMatchObject({
      kind: 'refused',
      partly: true,
      unsure: true,
    })
    expect((await performed(() => 400, { code })).outcome).toMatchObject({ kind: 'refused', partly: false })
    // An aggregate that refuses knows that it had not accepted.
    expect((await performed(() => 422, { isAgain: true })).outcome).toMatchObject({
      kind: 'refused',
      partly: false,
    })
  })

  it('are not sent behind some that nobody has answered: those may be refused yet, all of them', async () => {
    const { asked, outcome } = await performed((number) => (number < 50 ? 503 : 200))
    expect(outcome).toMatchObject({ kind: 'unavailable' })
    expect(asked).toHaveLength(50)
  })

  it('are accepted when they are refused for a reason to ignore', async () => {
    expect((await performed(() => 404)).outcome).toMatchObject({ kind: 'accepted', replies: [] })
  })

  it('answer where each has left its aggregate, in their order, without those that there was nothing to do for', async () => {
    const { outcome } = await performed((number) => (number === 7 ? 404 : 200))
    const done = Array.from({ length: 100 }, (_, number) => number).filter((number) => number !== 7)
    expect(outcome).toEqual({
      kind: 'accepted',
      replies: done.map((number) => ({ aggregate: 'a', id: `${number}`, version: 1 })),
    })
  })
})

describe('the work on sagas', () => {
  const STEPS = ['reserve', 'pay', 'send', 'note']
  /** Whoever is slow has nothing taken from him: what is sent twice was given twice. */
  const settings = { takeOverMs: 20_000 }

  it('goes on when somebody has deleted the consumer on the server, and does nothing twice', async () => {
    const namespace = uniqueName()
    const sent: string[] = []
    const replica = await startReplica(stack().nc, {
      namespace,
      sagas: [purchase],
      settings,
      between: {
        sender: (sender) => ({
          async send(envelope) {
            sent.push(envelope.command)
            return await sender.send(envelope)
          },
        }),
      },
    })
    await replica.send('stock', 'pen', 'fill', { left: 10 })
    const completed = (id: string) =>
      until(
        `the end of ${id}`,
        async () => (await transitions(replica, 'purchase', id)).at(-1) === 'completed',
      )
    await replica.send('purchase', 'p-1', 'start', { things: ['pen'] })
    await completed('p-1')
    const jsm = await jetstreamManager(stack().nc)
    await jsm.consumers.delete(replica.log.stream, `${namespace}-saga-purchase`)
    await replica.send('purchase', 'p-2', 'start', { things: ['pen'] })
    await completed('p-2')
    expect(sent).toEqual([...STEPS, ...STEPS])
    for (const id of ['p-1', 'p-2']) {
      expect((await replica.eventsOf('parcel', id)).map(({ type }) => type)).toEqual([
        'parcel.sent',
        'parcel.noted',
      ])
    }
    expect((await replica.eventsOf('purse', 'till')).map(({ type }) => type)).toEqual([
      'purse.paid',
      'purse.paid',
    ])
  })

  it('sends a command once though the timer that is set beside it fails at first', async () => {
    const slow = defineSaga({
      name: 'slow',
      input: z.object({}),
      deadlineMs: 60_000,
      steps: [{ name: 'send', invoke: ({ id }) => commandTo(parcel, id, 'send', { who: id }) }],
    })
    const sent: string[] = []
    let failures = 0
    const replica = await startReplica(stack().nc, {
      namespace: uniqueName(),
      sagas: [slow],
      settings,
      between: {
        timers: (timers) => ({
          ...timers,
          set: (...timer) => (failures++ === 0 ? Promise.reject(new Error('not now')) : timers.set(...timer)),
        }),
        sender: (sender) => ({
          async send(envelope) {
            sent.push(envelope.id)
            // Longer than it takes until what failed comes again.
            await delay(1000)
            return await sender.send(envelope)
          },
        }),
      },
    })
    await replica.send('slow', 's-1', 'start')
    await until('its end', async () => (await transitions(replica, 'slow', 's-1')).at(-1) === 'completed')
    await until('the timer is set', () => Promise.resolve(failures === 2))
    expect(sent).toEqual(['s-1'])
  })
})
