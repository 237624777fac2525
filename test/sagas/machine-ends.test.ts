import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import type { Step } from '../../src/sagas/step.ts'
import { accepted, instanceOf, refused, to, unavailable } from './machine.ts'

const step = (name: string, more: Partial<Step> = {}): Step => ({ name, invoke: () => to(name), ...more })
const undoable = (name: string, more: Partial<Step> = {}): Step =>
  step(name, { compensate: () => to(`undo-${name}`), ...more })
const pivot = (name: string, more: Partial<Step> = {}): Step => step(name, { pivot: true, ...more })
const pause: Step = { name: 'pause', pauseMs: () => 60_000 }

function started(steps: (Step | Step[])[]) {
  const trip = instanceOf(defineSaga({ name: 'trip', input: z.object({}), deadlineMs: 5000, steps }))
  trip.start()
  return trip
}

describe('the pivot', () => {
  it('refused, has all before it undone', () => {
    const trip = started([undoable('a'), pivot('b')])
    trip.forth('a')
    expect(trip.forth('b', refused())).toEqual(['step-failed b', 'compensating b', 'compensation-started a'])
  })

  it('passed, lets a refused step park the saga; nothing is undone, and what is done by hand is taken for done', () => {
    const trip = started([undoable('a'), pivot('b'), undoable('c'), step('d')])
    trip.forth('a')
    trip.forth('b')
    expect(trip.forth('c', refused())).toEqual(['step-failed c', 'parked c'])
    expect(trip.last('parked c')).toMatchObject({ code: 'STEP_FAILED_AFTER_PIVOT', failure: { code: 'NO' } })
    expect(trip.say('resume')).toEqual(['resumed', 'step-started c'])
    expect(trip.forth('c', accepted, 1)).toEqual([])
    expect(trip.forth('c', refused(), 2)).toEqual(['step-failed c', 'parked c'])
    expect(trip.say('resume', { done: true })).toEqual(['resumed', 'step-succeeded c', 'step-started d'])
  })

  it('that cannot be undone is tried until it is known what became of it, whatever its retries say', () => {
    const trip = started([undoable('a'), pivot('b', { retry: { attempts: 1 } })])
    trip.forth('a')
    expect(trip.forth('b', unavailable)).toEqual(['step-failed b'])
    expect(trip.say('abandon')).toEqual(['cancelled'])
    expect(trip.retry('b')).toEqual(['step-started b'])
    expect(trip.forth('b', unavailable, 2)).toEqual(['step-failed b'])
    expect(trip.retry('b', 2)).toEqual(['step-started b'])
    expect(trip.forth('b', refused(), 3)).toEqual([
      'step-failed b',
      'compensating b',
      'compensation-started a',
    ])
  })

  it('that may have happened keeps the saga from turning back when a step beside it is refused', () => {
    const trip = started([undoable('a'), [pivot('b'), step('c')]])
    trip.forth('a')
    expect(trip.forth('b', unavailable)).toEqual(['step-failed b'])
    expect(trip.forth('c', refused())).toEqual(['step-failed c'])
    expect(trip.retry('b')).toEqual(['step-started b'])
    expect(trip.forth('b', accepted, 2)).toEqual(['step-succeeded b', 'parked c'])
  })

  it('that can be undone is given up as any step, and undone', () => {
    const trip = started([undoable('a'), undoable('b', { pivot: true, retry: { attempts: 1 } })])
    trip.forth('a')
    expect(trip.forth('b', unavailable)).toEqual([
      'step-failed b',
      'compensating b',
      'compensation-started b',
    ])
  })

  it('lets what waits beside it wait on, when it is passed though the saga was to be abandoned', () => {
    const trip = started([[pivot('b'), step('c'), pause], step('d')])
    trip.forth('c', unavailable)
    expect(trip.say('abandon')).toEqual(['cancelled'])
    expect(trip.retry('c')).toEqual(['step-started c'])
    expect(trip.forth('c', unavailable, 2)).toEqual(['step-failed c'])
    expect(trip.forth('b')).toEqual(['step-succeeded b'])
    expect(trip.retry('c', 2)).toEqual(['step-started c'])
    expect(trip.forth('c', accepted, 3)).toEqual(['step-succeeded c'])
    expect(trip.due('pause')).toEqual(['step-succeeded pause', 'step-started d'])
    expect(trip.say('abandon')).toBe('SAGA_PAST_PIVOT')
  })
})

describe('a parked saga', () => {
  it('hears what its other steps wait for', () => {
    const decide: Step = { name: 'decide', decision: z.object({ yes: z.boolean() }) }
    const trip = started([pivot('a'), [step('b'), pause, decide]])
    trip.forth('a')
    expect(trip.forth('b', refused())).toEqual(['step-failed b', 'parked b'])
    expect(trip.due('pause')).toEqual(['step-succeeded pause'])
    expect(trip.say('signal', { step: 'decide', data: { yes: true } })).toEqual([
      'signalled decide',
      'step-succeeded decide',
    ])
    expect(trip.say('resume', { done: true })).toEqual(['resumed', 'step-succeeded b', 'completed'])
  })

  it('that is abandoned is left as it is: nothing of it is done or told any more', () => {
    const trip = started([pivot('a'), [step('b'), step('c'), step('e'), pause]])
    trip.forth('a')
    trip.forth('c', unavailable)
    trip.forth('e', unavailable)
    trip.forth('b', refused())
    expect(trip.retry('e')).toEqual(['step-started e'])
    expect(trip.say('abandon', { reason: 'enough' })).toEqual(['abandoned'])
    expect(trip.retry('c')).toEqual([])
    expect(trip.forth('e', accepted, 2)).toEqual([])
    expect(trip.due('pause')).toEqual([])
    expect(trip.state).toMatchObject({ status: 'abandoned', reason: { detail: 'enough' } })
  })

  it('stays so for a second step that failed beside the first', () => {
    const trip = started([pivot('a'), [step('b'), step('c')]])
    trip.forth('a')
    expect(trip.forth('b', refused())).toEqual(['step-failed b'])
    expect(trip.forth('c', refused())).toEqual(['step-failed c', 'parked b'])
    expect(trip.say('resume', { done: true })).toEqual(['resumed', 'step-succeeded b', 'parked c'])
    expect(trip.say('resume', { done: true })).toEqual(['resumed', 'step-succeeded c', 'completed'])
  })
})

describe('the deadline', () => {
  it('is in the log from the start', () => {
    expect(started([step('a')]).last('started')).toMatchObject({ deadline: '2026-01-31T10:00:05.000Z' })
  })

  it('before the pivot waits for what runs, and undoes', () => {
    const trip = started([undoable('a'), undoable('b'), pivot('c')])
    trip.forth('a')
    expect(trip.deadline()).toEqual(['cancelled'])
    expect(trip.deadline()).toEqual([])
    expect(trip.forth('b')).toEqual(['step-succeeded b', 'compensating', 'compensation-started b'])
    expect(trip.state.reason).toMatchObject({ code: 'SAGA_DEADLINE' })
    expect(trip.deadline()).toEqual([])
  })

  it('gives up what is to be tried again, and undoes it too', () => {
    const trip = started([undoable('a')])
    trip.forth('a', unavailable)
    expect(trip.deadline()).toEqual([
      'cancelled',
      'step-failed a',
      'compensating a',
      'compensation-started a',
    ])
    expect(trip.last('step-failed a')).toMatchObject({ doubtful: true })
  })

  it('tries nothing again that ends without an answer after it', () => {
    const trip = started([undoable('a')])
    trip.deadline()
    expect(trip.forth('a', unavailable)).toEqual([
      'step-failed a',
      'compensating a',
      'compensation-started a',
    ])
  })

  it('during the pivot depends on what becomes of that', () => {
    const passed = started([undoable('a'), pivot('b'), step('c')])
    passed.forth('a')
    expect(passed.deadline()).toEqual(['cancelled'])
    expect(passed.forth('b')).toEqual(['step-succeeded b', 'step-started c'])
    const failed = started([undoable('a'), pivot('b')])
    failed.forth('a')
    failed.deadline()
    expect(failed.forth('b', refused()).slice(1)).toEqual(['compensating b', 'compensation-started a'])
  })

  it('after the pivot is none', () => {
    const trip = started([pivot('a'), step('b')])
    trip.forth('a')
    expect(trip.deadline()).toEqual([])
  })
})

describe('to abandon a saga', () => {
  it('waits for what runs, and undoes it', () => {
    const trip = started([[undoable('a'), undoable('b')]])
    expect(trip.say('abandon', { reason: 'changed my mind' })).toEqual(['cancelled'])
    expect(trip.say('abandon')).toEqual([])
    trip.forth('a')
    expect(trip.forth('b')).toEqual(['step-succeeded b', 'compensating', 'compensation-started b'])
    expect(trip.say('abandon')).toEqual([])
    trip.back('b')
    trip.back('a')
    expect(trip.state).toMatchObject({
      status: 'compensated',
      reason: { code: 'SAGA_ABANDONED', detail: 'changed my mind' },
    })
  })

  it('does not wait for what it only waits for', () => {
    const trip = started([undoable('a'), pause])
    trip.forth('a')
    expect(trip.say('abandon')).toEqual([
      'cancelled',
      'step-failed pause',
      'compensating pause',
      'compensation-started a',
    ])
    expect(trip.due('pause')).toEqual([])
  })

  it('is not possible behind the pivot', () => {
    const trip = started([pivot('a'), step('b')])
    trip.forth('a')
    expect(trip.say('abandon')).toBe('SAGA_PAST_PIVOT')
  })
})
