import { describe, expect, test } from 'vitest'
import {
  InvalidIdError,
  assertId,
  commandSubject,
  eventSubject,
  eventSubjects,
  isEventSubject,
  isToken,
  parseEventSubject,
} from '../../src/streams/events/subjects.ts'

test('subjects are those of the wire contract', () => {
  expect(eventSubject('hw', 'order', 'o-1')).toBe('hw.evt.order.o-1')
  expect(eventSubjects('hw', 'order')).toBe('hw.evt.order.*')
  expect(commandSubject('hw', 'order', 'o-1', 'create')).toBe('hw.cmd.order.o-1.create')
  expect(parseEventSubject('hw.evt.order.o-1')).toEqual({ aggregate: 'order', id: 'o-1' })
})

test.each([
  ['hw.evt.order.o-1', true],
  ['hw.evt.order.*', true],
  ['any.evt.a.b', true],
  ['hw.evt.order.>', false],
  ['hw.evt.order', false],
  ['hw.evt.order.a.b', false],
  ['x.hw.evt.order.a', false],
  ['hw.cmd.order.a', false],
])('%s is one of events: %s', (subject, expected) => {
  expect(isEventSubject(subject)).toBe(expected)
})

test.each(['a', 'A-Z_09', 'o-1', '__proto__', 'x'.repeat(128)])('%s is an id', (id) => {
  expect(isToken(id)).toBe(true)
  expect(() => assertId(id)).not.toThrow()
})

describe('what would address something else is no id', () => {
  test.each(['', 'a.b', '*', '>', 'a b', 'a\n', 'é', '\u0000', 'x'.repeat(129)])('%j', (id) => {
    expect(isToken(id)).toBe(false)
    expect(() => eventSubject('hw', 'order', id)).toThrow(InvalidIdError)
    expect(() => commandSubject('hw', 'order', id, 'create')).toThrow(InvalidIdError)
  })
})

test('an invalid id is refused with 400 and only the beginning of it', () => {
  const error = new InvalidIdError('x'.repeat(10_000))
  expect(error).toMatchObject({ code: 'INVALID_ID', status: 400, errors: [{ path: 'id' }] })
  expect(error.message.length).toBeLessThan(300)
})
