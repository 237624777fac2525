import { describe, expect, it } from 'vitest'
import { announcementsOf } from '../../src/sagas/worker/announcement.ts'
import { someEvents } from '../streams/support.ts'

/** What one event of a saga announces. */
function announced(type: string, data: unknown, dataversion = 1) {
  const events = someEvents(1).map((event) => ({ ...event, type: `saga.${type}`, data, dataversion }))
  const commit = {
    position: { stream: 'SAGAS', sequence: 7 },
    aggregate: 'trip',
    id: 't-1',
    recordedAt: 0,
    previous: 0,
    size: 0,
    events,
  }
  return announcementsOf(commit).announced.map(({ announcement }) => announcement)
}

const at = '2026-01-31T10:00:00.000Z'
const failure = { status: 422, code: 'NO', detail: 'no' }
const command = { aggregate: 'room', id: 'r-1', command: 'book', data: {} }

describe('an event of a saga announces', () => {
  it.each([
    ['started', { version: 1, input: {}, deadline: at }, { timer: 'deadline' }],
    ['step-waiting', { step: 'a', for: 'time', until: at }, { timer: 'wait', step: 'a' }],
    [
      'step-failed',
      { step: 'a', attempt: 2, failure, retryAt: at },
      { timer: 'retry', step: 'a', attempt: 2, way: 'forth' },
    ],
    [
      'compensation-failed',
      { step: 'a', attempt: 2, failure, retryAt: at },
      { timer: 'retry', step: 'a', attempt: 2, way: 'back' },
    ],
  ])('a timer: %s', (type, data, timer) => {
    expect(announced(type, data)).toEqual([{ kind: 'timer', timer, at }])
  })

  it('commands, with the time that they may take', () => {
    const data = { step: 'a', attempt: 1, commands: [command] }
    const forth = { kind: 'commands', way: 'forth', step: 'a', attempt: 1, commands: [command], ignore: [] }
    expect(announced('step-started', data)).toEqual([{ ...forth, timeoutMs: 10_000 }])
    expect(announced('step-started', { ...data, timeoutMs: 30 })).toEqual([{ ...forth, timeoutMs: 30 }])
    expect(announced('compensation-started', { ...data, ignore: ['GONE'] })).toEqual([
      { ...forth, way: 'back', timeoutMs: 10_000, ignore: ['GONE'] },
    ])
  })

  it('that it is parked, or has ended', () => {
    expect(announced('parked', { code: 'X', step: 'a', failure })).toEqual([
      { kind: 'parked', code: 'X', step: 'a', failure },
    ])
    for (const [type, data] of [
      ['completed', {}],
      ['compensated', { reason: failure }],
      ['abandoned', { reason: failure }],
    ] as const)
      expect(announced(type, data)).toEqual([{ kind: 'ended' }])
  })

  it('nothing that somebody has to do', () => {
    expect(announced('started', { version: 1, input: {} })).toEqual([])
    expect(announced('step-waiting', { step: 'a', for: 'event' })).toEqual([])
    expect(announced('step-failed', { step: 'a', attempt: 1, failure })).toEqual([])
    expect(announced('step-started', { step: 'a', attempt: 1, commands: [] })).toEqual([])
    expect(announced('compensation-started', { step: 'a', attempt: 1, commands: [] })).toEqual([])
    expect(announced('step-succeeded', { step: 'a', attempt: 1 })).toEqual([])
    expect(announced('something-else', null)).toEqual([])
  })

  it('what only a later release can tell, or what nobody can', () => {
    expect(announced('step-started', { another: 'shape' }, 2)).toEqual([{ kind: 'unknown' }])
    expect(() => announced('step-started', { another: 'shape' })).toThrow()
  })
})
