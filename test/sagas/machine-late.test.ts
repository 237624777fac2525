import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { accepted, instanceOf, refused, to, unavailable } from './machine.ts'

const step = (name: string) => ({ name, invoke: () => to(name), compensate: () => to(`undo-${name}`) })
const trip = defineSaga({ name: 'trip', input: z.object({}), steps: [step('a'), step('b')] })

describe('a step of which two processes tell differently', () => {
  it('is undone too, when the refusal was told first and the saga is on its way back', () => {
    const instance = instanceOf(trip)
    instance.start()
    instance.forth('a')
    expect(instance.forth('b', refused())).toEqual([
      'step-failed b',
      'compensating b',
      'compensation-started a',
    ])
    expect(instance.forth('b', accepted)).toEqual(['step-doubtful b'])
    expect(instance.forth('b', unavailable)).toEqual([])
    expect(instance.back('a')).toEqual(['compensation-succeeded a', 'compensation-started b'])
    expect(instance.back('b')).toEqual(['compensation-succeeded b', 'compensated'])
  })

  it('is undone also when everything else has been undone already', () => {
    const instance = instanceOf(trip)
    instance.start()
    instance.forth('a', refused())
    expect(instance.state.status).toBe('compensated')
    expect(instance.forth('a', refused('NO', true))).toEqual(['step-doubtful a', 'compensation-started a'])
    expect(instance.state.status).toBe('compensating')
    expect(instance.back('a')).toEqual(['compensation-succeeded a', 'compensated'])
  })

  it('stays as it is when both refused it', () => {
    const instance = instanceOf(trip)
    instance.start()
    instance.forth('a', refused())
    expect(instance.forth('a', refused())).toEqual([])
    expect(instance.state.status).toBe('compensated')
  })
})
