import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import type { Step } from '../../src/sagas/step.ts'
import { instanceOf, to } from './machine.ts'
import { stock } from './trade.ts'

const Decision = z.object({ ok: z.boolean(), by: z.string().default('nobody') })
const approve: Step = {
  name: 'approve',
  decision: Decision,
  accept: (data) => Decision.parse(data).ok,
  timeoutMs: 1000,
}
const filled: Step = {
  name: 'filled',
  event: { from: stock, type: 'stock.filled', saga: () => 's-1' },
  timeoutMs: 2000,
}
const book: Step = {
  name: 'book',
  invoke: ({ heard }) => to(`book-for-${heard('approve', Decision).by}`),
  compensate: () => to('unbook'),
}

function started(...steps: (Step | Step[])[]) {
  const trip = instanceOf(defineSaga({ name: 'trip', input: z.object({}), steps }))
  return Object.assign(trip, { first: trip.start() })
}
const first: Step = { name: 'first', invoke: () => to('first') }
const signal = (data: unknown, step = 'approve') => ({ step, data })

describe('a step that waits for a decision', () => {
  it('hears it, and later steps may know it', () => {
    const trip = started(approve, book)
    expect(trip.first).toEqual(['started', 'step-waiting approve'])
    expect(trip.last('step-waiting approve')).toMatchObject({
      for: 'decision',
      until: '2026-01-31T10:00:01.000Z',
    })
    expect(trip.say('signal', signal({ ok: true, by: 'ann' }))).toEqual([
      'signalled approve',
      'step-succeeded approve',
      'step-started book',
    ])
    expect(trip.last('step-started book')).toMatchObject({ commands: [{ command: 'book-for-ann' }] })
    expect(trip.due('approve')).toEqual([])
    expect(trip.say('signal', signal({ ok: false }))).toBe('ALREADY_DECIDED')
  })

  it('hears what was decided before it waited', () => {
    const trip = started(first, approve, book)
    expect(trip.say('signal', signal({ ok: true }))).toEqual(['signalled approve'])
    expect(trip.forth('first')).toEqual([
      'step-succeeded first',
      'step-waiting approve',
      'step-succeeded approve',
      'step-started book',
    ])
    expect(trip.state.early).toEqual({})
  })

  it('fails when the decision is no, and the saga is undone', () => {
    const trip = started(approve)
    expect(trip.say('signal', signal({ ok: false })).slice(1)).toEqual([
      'step-failed approve',
      'compensating approve',
      'compensated',
    ])
    expect(trip.state.reason).toMatchObject({ code: 'DECISION_REFUSED' })
  })

  it('takes no decision that does not fit, and none for a step that decides nothing', () => {
    const trip = started(approve, book)
    expect(trip.say('signal', signal({ ok: 'maybe' }))).toBe('INVALID_SIGNAL')
    expect(trip.say('signal', signal({ ok: true }, 'book'))).toBe('UNKNOWN_SIGNAL')
    expect(trip.say('signal', signal({ ok: true }, '__proto__'))).toBe('UNKNOWN_SIGNAL')
    expect(trip.state.steps['approve']).toMatchObject({ status: 'waiting' })
  })

  it('fails when nobody decides in time', () => {
    const trip = started(first, approve)
    trip.forth('first')
    expect(trip.due('approve')).toEqual(['step-failed approve', 'compensating approve', 'compensated'])
    expect(trip.state.reason).toMatchObject({ code: 'STEP_TIMEOUT' })
    expect(trip.say('signal', signal({ ok: true }))).toBe('ALREADY_DECIDED')
  })

  it('fails when its own function throws', () => {
    const accept = () => {
      throw new Error('cannot tell')
    }
    const trip = started(first, { ...approve, accept })
    trip.say('signal', signal({ ok: true }))
    expect(trip.forth('first').slice(2, 4)).toEqual(['step-failed approve', 'compensating approve'])
    expect(trip.state.reason).toMatchObject({ code: 'STEP_DEFINITION_FAILED' })
  })

  it('is decided anew when it is resumed behind the pivot', () => {
    const trip = started({ ...first, pivot: true }, approve)
    trip.say('signal', signal({ ok: false }))
    expect(trip.forth('first').slice(-2)).toEqual(['step-failed approve', 'parked approve'])
    expect(trip.say('resume')).toEqual(['resumed', 'step-waiting approve'])
    expect(trip.say('signal', signal({ ok: true })).slice(-2)).toEqual([
      'step-succeeded approve',
      'completed',
    ])
  })
})

describe('a step that waits for an event', () => {
  it('hears it, once', () => {
    const trip = started(filled, first)
    expect(trip.last('step-waiting filled')).toMatchObject({ for: 'event' })
    expect(trip.say('observe', { step: 'filled', data: { left: 3 } })).toEqual([
      'observed filled',
      'step-succeeded filled',
      'step-started first',
    ])
    expect(trip.state.steps['filled']).toMatchObject({ heard: { left: 3 } })
    expect(trip.say('observe', { step: 'filled', data: { left: 4 } })).toEqual([])
    expect(trip.state.steps['filled']).toMatchObject({ heard: { left: 3 } })
  })

  it('hears one that came before it waited', () => {
    const trip = started(first, filled)
    expect(trip.say('observe', { step: 'filled', data: { left: 3 } })).toEqual(['observed filled'])
    expect(trip.forth('first').slice(-2)).toEqual(['step-succeeded filled', 'completed'])
  })

  it('fails when it does not come in time', () => {
    const trip = started(filled)
    expect(trip.due('filled').slice(0, 2)).toEqual(['step-failed filled', 'compensating filled'])
  })

  it('hears one that came after its time when it is resumed', () => {
    const trip = started({ ...first, pivot: true }, filled)
    trip.forth('first')
    expect(trip.due('filled')).toEqual(['step-failed filled', 'parked filled'])
    expect(trip.say('observe', { step: 'filled', data: { left: 3 } })).toEqual(['observed filled'])
    expect(trip.say('resume')).toEqual([
      'resumed',
      'step-waiting filled',
      'step-succeeded filled',
      'completed',
    ])
    expect(trip.state.steps['filled']).toMatchObject({ heard: { left: 3 } })
    expect(trip.state.early).toEqual({})
  })

  it('hears one that came too late while it is parked for another step, or is not parked yet', () => {
    const other: Step = { name: 'other', invoke: () => to('other') }
    const trip = started({ ...first, pivot: true }, [filled, { ...filled, name: 'emptied' }, other])
    trip.forth('first')
    trip.due('filled')
    trip.due('emptied')
    expect(trip.say('observe', { step: 'filled', data: 1 })).toEqual(['observed filled'])
    expect(trip.forth('other')).toEqual(['step-succeeded other', 'parked filled'])
    expect(trip.say('observe', { step: 'emptied', data: 2 })).toEqual(['observed emptied'])
    expect(trip.say('resume').slice(1)).toEqual([
      'step-waiting filled',
      'step-succeeded filled',
      'parked emptied',
    ])
    expect(trip.say('resume').slice(-2)).toEqual(['step-succeeded emptied', 'completed'])
  })

  it('does not hear one that came too late when it is undone', () => {
    const trip = started(first, filled)
    trip.forth('first')
    trip.due('filled')
    expect(trip.say('observe', { step: 'filled', data: { left: 3 } })).toEqual([])
  })

  it('takes none for a step that waits for none', () => {
    expect(started(first).say('observe', { step: 'first', data: {} })).toBe('UNKNOWN_STEP')
  })
})

describe('a step that waits for a time', () => {
  it('goes on when it has come, and is woken once', () => {
    const trip = started({ name: 'pause', pauseMs: () => 3_600_000 }, first)
    expect(trip.last('step-waiting pause')).toMatchObject({ for: 'time', until: '2026-01-31T11:00:00.000Z' })
    expect(trip.due('pause')).toEqual(['step-succeeded pause', 'step-started first'])
    expect(trip.due('pause')).toEqual([])
  })
})

describe('what a step has heard', () => {
  it('is there only when it has, and fits', () => {
    const trip = started(approve, {
      name: 'b',
      invoke: ({ heard }) => to(heard('later', z.string())),
    })
    expect(trip.say('signal', signal({ ok: true })).slice(2, 4)).toEqual(['step-failed b', 'compensating b'])
  })
})
