import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { COMPENSATION_RETRY, STEP_RETRY, retryAt } from '../../src/sagas/retry.ts'
import type { Step } from '../../src/sagas/step.ts'
import { accepted, failure, instanceOf, refused, to, unavailable } from './machine.ts'

const input = z.object({})
const step = (name: string, more: Partial<Step> = {}): Step => ({ name, invoke: () => to(name), ...more })
const undoable = (name: string, more: Partial<Step> = {}): Step =>
  step(name, { compensate: () => to(`undo-${name}`), ...more })
const sagaOf = (steps: (Step | Step[])[], deadlineMs?: number) =>
  defineSaga({ name: 'trip', input, steps, ...(deadlineMs !== undefined && { deadlineMs }) })
const started = (steps: (Step | Step[])[], deadlineMs?: number) => {
  const trip = instanceOf(sagaOf(steps, deadlineMs))
  trip.start()
  return trip
}

describe('steps', () => {
  it('of a group run side by side, and the next one begins when all of them are done', () => {
    const trip = instanceOf(sagaOf([[step('a'), step('b')], step('c')]))
    expect(trip.start()).toEqual(['started', 'step-started a', 'step-started b'])
    expect(trip.forth('b')).toEqual(['step-succeeded b'])
    expect(trip.forth('a')).toEqual(['step-succeeded a', 'step-started c'])
    expect(trip.forth('c')).toEqual(['step-succeeded c', 'completed'])
  })

  it('without commands are done at once', () => {
    const trip = instanceOf(sagaOf([step('a', { invoke: () => undefined }), step('b', { invoke: () => [] })]))
    expect(trip.start()).toEqual([
      'started',
      'step-started a',
      'step-succeeded a',
      'step-started b',
      'step-succeeded b',
      'completed',
    ])
  })

  it('may be named as what every object has', () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    const trip = started(names.map((name) => undoable(name)))
    for (const name of names.slice(0, 3)) trip.forth(name)
    trip.forth('hasOwnProperty', refused())
    for (const name of names.slice(0, 3).toReversed()) trip.back(name)
    expect(trip.state.status).toBe('compensated')
  })

  it('send the same commands in every attempt', () => {
    let made = 0
    const trip = started([step('a', { invoke: () => to(`take-${++made}`) })])
    trip.forth('a', unavailable)
    trip.retry('a')
    expect(trip.last('step-started a')).toMatchObject({ attempt: 2, commands: [{ command: 'take-1' }] })
  })

  it('whose definition throws fail, and what was before them is undone', () => {
    const fail = () => {
      throw new Error('no such thing')
    }
    for (const broken of [step('b', { invoke: fail }), { name: 'b', pauseMs: fail }]) {
      const trip = started([undoable('a'), broken])
      expect(trip.forth('a').slice(1, 4)).toEqual([
        'step-failed b',
        'compensating b',
        'compensation-started a',
      ])
      expect(trip.last('step-failed b')).toMatchObject({ failure: { code: 'STEP_DEFINITION_FAILED' } })
    }
  })
})

describe('a refused step', () => {
  it('has all before it undone, the last first, and is not undone itself', () => {
    const trip = started([undoable('a'), undoable('b'), undoable('c')])
    trip.forth('a')
    trip.forth('b')
    expect(trip.forth('c', refused())).toEqual(['step-failed c', 'compensating c', 'compensation-started b'])
    expect(trip.back('b')).toEqual(['compensation-succeeded b', 'compensation-started a'])
    expect(trip.back('a')).toEqual(['compensation-succeeded a', 'compensated'])
    expect(trip.state.reason).toEqual(failure('NO'))
  })

  it('is undone too when some of its commands were accepted', () => {
    const trip = started([undoable('a')])
    expect(trip.forth('a', refused('NO', true)).at(-1)).toBe('compensation-started a')
  })

  it('waits for those beside it before anything is undone', () => {
    const trip = started([[undoable('a'), undoable('b')]])
    expect(trip.forth('a', refused())).toEqual(['step-failed a'])
    expect(trip.forth('b')).toEqual(['step-succeeded b', 'compensating a', 'compensation-started b'])
  })

  it('has one beside it that was to be tried again given up and undone', () => {
    const trip = started([[undoable('a'), undoable('b')]])
    trip.forth('b', unavailable)
    expect(trip.forth('a', refused())).toEqual([
      'step-failed a',
      'step-failed b',
      'compensating a',
      'compensation-started b',
    ])
    expect(trip.retry('b')).toEqual([])
  })
})

describe('a step that nobody answers', () => {
  it('is tried so often as it says, and undone then', () => {
    const trip = started([undoable('a', { retry: { attempts: 2 } })])
    expect(trip.forth('a', unavailable)).toEqual(['step-failed a'])
    expect(trip.retry('a')).toEqual(['step-started a'])
    expect(trip.forth('a', unavailable, 2)).toEqual([
      'step-failed a',
      'compensating a',
      'compensation-started a',
    ])
  })

  it('is tried for ever behind the pivot', () => {
    const trip = started([step('a', { pivot: true }), step('b', { retry: { attempts: 1 } })])
    trip.forth('a')
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(trip.forth('b', unavailable, attempt)).toEqual(['step-failed b'])
      expect(trip.retry('b', attempt)).toEqual(['step-started b'])
    }
    expect(trip.forth('b', accepted, 21)).toEqual(['step-succeeded b', 'completed'])
  })

  it('comes again after a pause that doubles, half of it drawn from the key, and is never longer than the most', () => {
    const now = '2026-01-31T10:00:00.000Z'
    const pauses = (key: string) =>
      Array.from(
        { length: 12 },
        (_, index) => Date.parse(retryAt(STEP_RETRY, index + 1, now, key)) - Date.parse(now),
      )
    for (const [index, pause] of pauses('s-1 a').entries()) {
      const most = Math.min(200 * 2 ** index, 30_000)
      expect(pause).toBeGreaterThanOrEqual(Math.floor(most / 2))
      expect(pause).toBeLessThanOrEqual(most)
    }
    expect(pauses('s-1 a')).toEqual(pauses('s-1 a'))
    expect(pauses('s-1 a')).not.toEqual(pauses('s-2 a'))
    expect(retryAt(STEP_RETRY, 2000, now, 'x') <= '2026-01-31T10:00:30.000Z').toBe(true)
  })
})

describe('a compensation', () => {
  function undoing() {
    const trip = started([undoable('a', { ignore: ['GONE'] }), step('b')])
    trip.forth('a')
    trip.forth('b', refused())
    return trip
  }

  it('says which refusals mean that there is nothing to undo', () => {
    expect(undoing().last('compensation-started a')).toMatchObject({ ignore: ['GONE'] })
  })

  it('is tried again when nobody answers, and parked when that has gone on too long', () => {
    const trip = undoing()
    for (let attempt = 1; attempt < COMPENSATION_RETRY.attempts; attempt++) {
      expect(trip.back('a', unavailable, attempt)).toEqual(['compensation-failed a'])
      expect(trip.retry('a', attempt, 'back')).toEqual(['compensation-started a'])
    }
    expect(trip.back('a', unavailable, COMPENSATION_RETRY.attempts)).toEqual([
      'compensation-failed a',
      'parked a',
    ])
  })

  it('that is refused, or throws, parks the saga; it is tried again when that is resumed', () => {
    const trip = undoing()
    expect(trip.back('a', refused('LOCKED'))).toEqual(['compensation-failed a', 'parked a'])
    expect(trip.last('parked a')).toMatchObject({ code: 'COMPENSATION_FAILED', failure: { code: 'LOCKED' } })
    expect(trip.say('resume')).toEqual(['resumed', 'compensation-started a'])
    expect(trip.back('a', accepted, 1)).toEqual([])
    expect(trip.back('a', accepted, 2)).toEqual(['compensation-succeeded a', 'compensated'])
    let isBroken = true
    const compensate = () => {
      if (isBroken) throw new Error('not now')
      return to('undo')
    }
    const other = started([step('a', { compensate }), step('b')])
    other.forth('a')
    expect(other.forth('b', refused()).slice(-2)).toEqual(['compensation-failed a', 'parked a'])
    isBroken = false
    expect(other.say('resume')).toEqual(['resumed', 'compensation-started a'])
    expect(other.back('a')).toEqual(['compensation-succeeded a', 'compensated'])
  })

  it('that was done by hand is taken for done', () => {
    const trip = undoing()
    trip.back('a', refused('LOCKED'))
    expect(trip.say('resume', { done: true })).toEqual(['resumed', 'compensation-succeeded a', 'compensated'])
    expect(trip.say('resume')).toBe('SAGA_NOT_PARKED')
  })
})

describe('what comes late, or twice', () => {
  it('changes nothing', () => {
    const trip = started([undoable('a'), undoable('b')], 1000)
    trip.forth('a', unavailable)
    trip.retry('a')
    const late = [
      () => trip.forth('a', accepted, 1),
      () => trip.forth('a', accepted, 3),
      () => trip.back('a'),
      () => trip.forth('b'),
      () => trip.forth('nobody'),
      () => trip.retry('a', 1),
      () => trip.retry('a', 2),
      () => trip.retry('a', 1, 'back'),
      () => trip.due('a'),
      () => trip.due('nobody'),
    ]
    for (const say of late) expect(say()).toEqual([])
    trip.forth('a', accepted, 2)
    expect(trip.forth('a', refused(), 2)).toEqual([])
    trip.forth('b')
    const after = [...late, () => trip.forth('b', refused()), () => trip.deadline()]
    for (const say of after) expect(say()).toEqual([])
    expect(trip.state.status).toBe('completed')
    expect(trip.say('abandon')).toBe('SAGA_ENDED')
    expect(trip.say('resume')).toBe('SAGA_NOT_PARKED')
    expect(trip.start()).toBe('SAGA_ALREADY_STARTED')
  })

  it('for a saga that there is not is refused', () => {
    const trip = instanceOf(sagaOf([step('a')]))
    expect(trip.forth('a')).toBe('SAGA_NOT_FOUND')
    expect(trip.deadline()).toBe('SAGA_NOT_FOUND')
    expect(trip.say('abandon')).toBe('SAGA_NOT_FOUND')
  })
})

describe('another version', () => {
  const old = defineSaga({ name: 'trip', input, steps: [step('a'), step('old')] })
  const now = { name: 'trip', version: 2, input, steps: [step('new')] }

  it('does not change how an instance goes on that began with an earlier one', () => {
    const trip = instanceOf(old)
    trip.start()
    const after = instanceOf(defineSaga({ ...now, earlier: [old] }))
    after.restore(trip.state)
    expect(after.forth('a')).toEqual(['step-succeeded a', 'step-started old'])
    const fresh = instanceOf(defineSaga({ ...now, earlier: [old] }))
    expect(fresh.start()).toEqual(['started', 'step-started new'])
    expect(fresh.last('started')).toMatchObject({ version: 2 })
  })

  it('without that earlier one refuses to guess', () => {
    const trip = instanceOf(old)
    trip.start()
    const after = instanceOf(defineSaga(now))
    after.restore(trip.state)
    expect(after.forth('a')).toBe('SAGA_VERSION_UNKNOWN')
    expect(after.say('abandon')).toBe('SAGA_VERSION_UNKNOWN')
  })

  it('lets an event wait for a replica that knows it; one for an instance that has ended is nobody’s', () => {
    const observed = { step: 'filled', data: {} }
    const context = { id: 't-1', time: '2026-01-31T10:00:00.000Z', commandId: 'c' }
    const { aggregate } = defineSaga(now)
    const trip = instanceOf(old)
    trip.start()
    expect(aggregate.decide('observe', trip.state, observed, context)).toMatchObject({
      code: 'SAGA_VERSION_UNKNOWN',
      status: 503,
    })
    trip.forth('a')
    trip.forth('old')
    expect(trip.state.status).toBe('completed')
    expect(aggregate.decide('observe', trip.state, observed, context)).toEqual([])
  })
})

describe('a definition', () => {
  it('is refused when it cannot be followed', () => {
    const define =
      (steps: Step[], more = {}) =>
      () =>
        defineSaga({ name: 'trip', input, steps, ...more })
    expect(define([])).toThrow('has no steps')
    expect(define([step('a'), step('a')])).toThrow('two steps a')
    expect(define([step('a.b')])).toThrow('may hold only')
    expect(define([step('a', { pivot: true }), step('b', { pivot: true })])).toThrow('two pivots')
    expect(define([step('a')], { version: 0 })).toThrow('version')
    const old = defineSaga({ name: 'trip', input, steps: [step('a')] })
    expect(define([step('a')], { earlier: [old] })).toThrow('two definitions of one version')
    const other = defineSaga({ name: 'other', input, steps: [step('a')] })
    expect(define([step('a')], { version: 2, earlier: [other] })).toThrow('another name')
  })
})
