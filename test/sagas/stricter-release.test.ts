import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { problem } from '../../src/commands/problem.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import type { Outcome } from '../../src/sagas/machine/commands.ts'
import { uniqueName } from '../streams/support.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { failure, instanceOf, refused, to } from './machine.ts'
import { startReplica, transitions } from './support.ts'

const stack = stackOfFile()

const till = (least: number) =>
  defineAggregate({
    name: 'till',
    events: { 'till.paid': z.object({ amount: z.int() }), 'till.repaid': z.object({}) },
    commands: { pay: z.object({ amount: z.int().min(least) }), repay: z.object({}) },
    initial: {},
    decide: {
      pay: (_, data) => ({ type: 'till.paid', data }),
      repay: () => ({ type: 'till.repaid', data: {} }),
    },
    evolve: { 'till.paid': (state) => state, 'till.repaid': (state) => state },
  })
const lax = till(1)
const sale = defineSaga({
  name: 'sale',
  input: z.object({}),
  steps: [
    {
      name: 'pay',
      invoke: ({ id }) => commandTo(lax, id, 'pay', { amount: 5 }),
      compensate: ({ id }) => commandTo(lax, id, 'repay', {}),
      // More than the first release comes to before it is stopped.
      retry: { attempts: 50, pauseMs: 500, maxPauseMs: 500 },
    },
  ],
})

describe('a step whose command a later release refuses before its aggregate sees it', () => {
  it('is undone when an earlier attempt may have been accepted, and was', async () => {
    const { nc } = stack()
    const namespace = uniqueName()
    const before = await startReplica(nc, {
      namespace,
      sagas: [sale],
      aggregates: [lax],
      between: {
        // Its answers are lost.
        sender: (sender) => ({
          async send(command) {
            await sender.send(command)
            return problem({ status: 503, code: 'LOST', detail: 'nobody heard it' })
          },
        }),
      },
    })
    await before.send('sale', 's-1', 'start')
    await until('the first attempt', async () =>
      (await transitions(before, 'sale', 's-1')).includes('step-failed pay'),
    )
    await before.stop()

    const after = await startReplica(nc, { namespace, sagas: [sale], aggregates: [till(100)] })
    const all = await until('the end', async () => {
      const events = await transitions(after, 'sale', 's-1')
      return events.at(-1) === 'compensated' ? events : undefined
    })
    expect(all.slice(-4)).toEqual([
      'compensating pay',
      'compensation-started pay',
      'compensation-succeeded pay',
      'compensated',
    ])
    expect((await after.eventsOf('till', 's-1')).map(({ type }) => type)).toEqual([
      'till.paid',
      'till.repaid',
    ])
  })

  it('is tried again where it is a pivot that cannot be undone: nothing is undone while nobody knows', () => {
    const first = { name: 'first', invoke: () => to('first'), compensate: () => to('undo') }
    const pivot = { name: 'pivot', invoke: () => to('pivot'), pivot: true }
    const trip = instanceOf(defineSaga({ name: 'trip', input: z.object({}), steps: [first, pivot] }))
    trip.start()
    trip.forth('first')
    const unsure: Outcome = {
      kind: 'refused',
      failure: failure('INVALID_COMMAND'),
      partly: true,
      unsure: true,
    }
    expect(trip.forth('pivot', unsure)).toEqual(['step-failed pivot'])
    expect(trip.state.steps['pivot']).toMatchObject({ status: 'retrying' })
    expect(trip.retry('pivot')).toEqual(['step-started pivot'])
    expect(trip.forth('pivot', refused(), 2)).toEqual([
      'step-failed pivot',
      'compensating pivot',
      'compensation-started first',
    ])
  })
})
