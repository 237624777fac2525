import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { CommandReply } from '../../../src/commands/command.ts'
import type { CommandEnvelope, CommandSender } from '../../../src/commands/client/command-sender.ts'
import { commandTo } from '../../../src/commands/definition/command-to.ts'
import { CommandTooLargeError } from '../../../src/commands/client/nats-sender.ts'
import { defineAggregate } from '../../../src/commands/definition/define-aggregate.ts'
import { defineReactor } from '../../../src/sagas/reactors/define-reactor.ts'
import { react } from '../../../src/sagas/reactors/react.ts'
import type { Reaction } from '../../../src/sagas/reactors/reaction.ts'
import type { Refusal } from '../../../src/sagas/reactors/refusal.ts'
import type { RecordedEvent } from '../../../src/streams/events/recorded-event.ts'

const lamp = defineAggregate({
  name: 'lamp',
  events: { 'lamp.lit': z.object({}), 'lamp.out': z.object({}) },
  commands: { light: z.object({}), quench: z.object({}), note: z.object({}) },
  initial: {},
  decide: {
    light: () => ({ type: 'lamp.lit', data: {} }),
    quench: () => ({ type: 'lamp.out', data: {} }),
    note: () => [],
  },
  evolve: { 'lamp.lit': (state) => state, 'lamp.out': (state) => state },
})
const to = (id: string, command: 'light' | 'quench' | 'note' = 'light') => commandTo(lamp, id, command, {})

const lit: RecordedEvent = {
  id: 'e-1',
  type: 'lamp.lit',
  data: {},
  aggregate: 'lamp',
  aggregateId: 'l-0',
  version: 1,
  time: '2026-01-01T00:00:00Z',
  correlationId: 'c-1',
  causationId: 'c-1',
  commandId: 'c-1',
}

type Answer = { status: number; code: string } | Error | 'accepted'

/** Answers each command by its id, and keeps what came; a command id that it has accepted it accepts again. */
function scripted(answers: Record<string, Answer>) {
  const sent: CommandEnvelope[] = []
  const accepted = new Set<string | undefined>()
  const send = async (envelope: CommandEnvelope): Promise<CommandReply> => {
    sent.push(envelope)
    const answer = accepted.has(envelope.commandId) ? 'accepted' : (answers[envelope.id] ?? 'accepted')
    if (answer instanceof Error) throw answer
    if (answer !== 'accepted')
      return { ok: false, ...answer, title: answer.code, detail: `it says ${answer.code}`, errors: [] }
    const duplicate = accepted.has(envelope.commandId)
    accepted.add(envelope.commandId)
    const { aggregate, id } = envelope
    return {
      ok: true,
      aggregate,
      id,
      version: 1,
      position: { stream: 'LAMPS', sequence: 1 },
      events: [],
      duplicate,
    }
  }
  const sender: CommandSender = { send }
  return {
    sender,
    sent: () => sent.map(({ id, command }) => `${id} ${command}`),
    ids: () => sent.map(({ commandId }) => commandId),
    answer: (id: string, answer: Answer) => void (answers[id] = answer),
  }
}

const reactor = (
  otherwise?: (refusal: Refusal) => Reaction,
  commands: Reaction = [to('a'), to('b'), to('c')],
  ignore: string[] = [],
) =>
  defineReactor({
    name: 'lamps',
    from: [lamp],
    on: ['lamp.lit'],
    do: () => commands,
    ignore,
    ...(otherwise && { otherwise: (_, refusal) => otherwise(refusal) }),
  })

const NO = { status: 422, code: 'DARK' }

describe('what a reactor does otherwise', () => {
  test('is sent instead of what stands behind the refused command, and knows what stood before', async () => {
    const { sender, sent, ids } = scripted({ b: NO })
    const asked: Refusal[] = []
    const undo = reactor((refusal) => {
      asked.push(refusal)
      return refusal.before.map(({ id }) => to(id, 'quench'))
    })
    await react(undo, lit, sender)
    expect(sent()).toEqual(['a light', 'b light', 'a quench'])
    expect(new Set(ids()).size).toBe(3)
    expect(asked).toEqual([{ ...NO, detail: 'it says DARK', command: to('b'), before: [to('a')] }])
  })

  test('is asked again when the event is: the same commands with the same ids', async () => {
    const { sender, ids } = scripted({ b: NO })
    const undo = reactor(() => [to('x'), to('y')])
    await react(undo, lit, sender)
    await react(undo, lit, sender)
    expect(ids().slice(4)).toEqual(ids().slice(0, 4))
  })

  test('is not asked when the command is accepted this time: what it had sent already stays', async () => {
    const { sender, sent, answer } = scripted({ b: NO, y: new Error('killed here') })
    const undo = reactor(() => [to('x'), to('y')])
    await expect(react(undo, lit, sender)).rejects.toThrow('killed here')
    answer('b', 'accepted')
    await react(undo, lit, sender)
    expect(sent().slice(4)).toEqual(['a light', 'b light', 'c light'])
  })

  test('after another refusal has ids of its own: what follows from it is not taken for the former', async () => {
    const { sender, ids, answer } = scripted({ b: NO })
    const undo = reactor(() => to('x'))
    await react(undo, lit, sender)
    answer('b', 'accepted')
    answer('c', NO)
    await react(undo, lit, sender)
    expect(ids().at(2)).not.toBe(ids().at(-1))
  })

  test('may be nothing: then the event is done', async () => {
    const { sender, sent } = scripted({ b: NO })
    await react(
      reactor(() => []),
      lit,
      sender,
    )
    expect(sent()).toEqual(['a light', 'b light'])
  })

  test('that says undefined leaves the refusal as it is, and so does a refusal of its own commands', async () => {
    const { sender } = scripted({ b: NO, x: { status: 409, code: 'BUSY' } })
    await expect(
      react(
        reactor(() => undefined),
        lit,
        sender,
      ),
    ).rejects.toMatchObject({ code: 'DARK', status: 422 })
    await expect(react(reactor(), lit, sender)).rejects.toMatchObject({ code: 'DARK' })
    await expect(
      react(
        reactor(() => to('x')),
        lit,
        sender,
      ),
    ).rejects.toMatchObject({ code: 'BUSY' })
    await react(
      reactor(() => to('x'), to('b'), ['BUSY']),
      lit,
      sender,
    )
  })

  test.each([429, 500, 503])('is not for a %i', async (status) => {
    const { sender, sent } = scripted({ b: { status, code: 'LATER' } })
    await expect(
      react(
        reactor(() => to('x')),
        lit,
        sender,
      ),
    ).rejects.toMatchObject({ status })
    expect(sent()).not.toContain('x light')
  })

  test('is for a command that is refused before it is sent, too', async () => {
    const { sender, sent } = scripted({ a: new CommandTooLargeError(2, 1) })
    await react(
      reactor(({ code }) => (code === 'COMMAND_TOO_LARGE' ? to('x') : undefined)),
      lit,
      sender,
    )
    expect(sent()).toEqual(['a light', 'x light'])
  })

  test('that throws, or answers no command, is a failure of the reactor', async () => {
    const { sender } = scripted({ a: NO })
    const fails = reactor(() => {
      throw new Error('no idea')
    })
    await expect(react(fails, lit, sender)).rejects.toMatchObject({
      code: 'REACTOR_FAILED',
      message: expect.stringContaining('no idea'),
    })
  })
})

test('a type has its own otherwise and its own codes to ignore; the rest has those of the reactor', async () => {
  const { sender, sent } = scripted({ a: NO, b: { status: 404, code: 'GONE' } })
  const own = defineReactor({
    name: 'lamps',
    from: [lamp],
    on: {
      'lamp.lit': { do: () => [to('b'), to('a')], ignore: ['GONE'], otherwise: () => to('own') },
      'lamp.out': () => to('b'),
    },
    otherwise: () => to('common'),
  })
  await react(own, lit, sender)
  await react(own, { ...lit, type: 'lamp.out' }, sender)
  expect(sent()).toEqual(['b light', 'a light', 'own light', 'b light', 'common light'])
})
