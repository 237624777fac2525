import { AssertionError } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { versionedEvent } from '../../src/streams/events/event-types.ts'
import { given } from '../../src/testing/index.ts'

const lamp = defineAggregate({
  name: 'lamp',
  events: {
    'lamp.lit': versionedEvent(z.object({ watts: z.number() }), (v1: { power: number }) => ({
      watts: v1.power,
    })),
    'lamp.stamped': z.object({ at: z.unknown() }),
  },
  commands: {
    light: z.object({ watts: z.coerce.number().max(100) }),
    stamp: z.object({}),
    break: z.object({}),
    tell: z.object({}),
  },
  initial: { watts: 0 },
  decide: {
    light: ({ watts: now }, { watts }, { id }) => {
      if (now === watts) return []
      return watts < 0
        ? reject('LAMP_NEGATIVE', `${id} cannot take that`)
        : { type: 'lamp.lit', data: { watts } }
    },
    stamp: () => ({ type: 'lamp.stamped', data: { at: new Date(0) } }),
    break: () => {
      throw new TypeError('broken')
    },
    tell: (_, __, { id, time }) => ({ type: 'lamp.stamped', data: { at: `${id} ${time}` } }),
  },
  evolve: {
    'lamp.lit': (_, { data }) => ({ watts: data.watts }),
    'lamp.stamped': (state) => state,
  },
})
const lit = { type: 'lamp.lit', data: { watts: 5 } } as const

describe('a wrong expectation is an AssertionError that shows the difference', () => {
  const wrong: [string, () => void, RegExp][] = [
    ['other data', () => given(lamp).when('light', { watts: 6 }).thenEvents(lit), /watts: 6/],
    ['more events', () => given(lamp).when('light', { watts: 5 }).thenEvents(lit, lit), /lamp\.lit/],
    ['events for nothing', () => given(lamp, lit).when('light', { watts: 5 }).thenEvents(lit), /accepted/],
    ['nothing for events', () => given(lamp).when('light', { watts: 5 }).thenNothing(), /lamp\.lit/],
    ['a rejection for events', () => given(lamp).when('light', { watts: 5 }).thenRejected('X'), /lamp\.lit/],
    [
      'events for a rejection',
      () => given(lamp).when('light', { watts: -1 }).thenEvents(lit),
      /LAMP_NEGATIVE/,
    ],
    ['another code', () => given(lamp).when('light', { watts: -1 }).thenRejected('X'), /LAMP_NEGATIVE/],
    [
      'another status',
      () => given(lamp).when('light', { watts: -1 }).thenRejected('LAMP_NEGATIVE', 404),
      /422/,
    ],
  ]
  test.each(wrong)('%s', (_, check, message) => {
    expect(check).toThrow(AssertionError)
    expect(check).toThrow(message)
  })
})

test('command data goes through its schema', () => {
  given(lamp).when('light', { watts: '5' }).thenEvents(lit)
  given(lamp).when('light', { watts: 101 }).thenRejected('INVALID_COMMAND', 400)
})

test('an event that JSON cannot carry fails the test', () => {
  expect(() => given(lamp).when('stamp').thenNothing()).toThrow(/lamp\.stamped.*more than JSON/)
})

test('a decider that throws fails the test with its own error', () => {
  expect(() => given(lamp).when('break')).toThrow(new TypeError('broken'))
})

test('id and time can be given', () => {
  given(lamp)
    .when('tell', {}, { id: 'l-9', time: '2020-02-02T00:00:00.000Z' })
    .thenEvents({ type: 'lamp.stamped', data: { at: 'l-9 2020-02-02T00:00:00.000Z' } })
})

test('names and data are checked by the compiler', () => {
  const history = given(lamp)
  // @ts-expect-error there is no such command
  expect(() => history.when('paint')).toThrow(/no command/)
  // @ts-expect-error the data is missing
  history.when('light').thenRejected('INVALID_COMMAND')
  // @ts-expect-error there is no such event
  expect(() => given(lamp, { type: 'lamp.sold', data: {} }).when('stamp')).toThrow(/lamp\.sold/)
  // @ts-expect-error data of an older version is not what is written today
  expect(() => given(lamp, { type: 'lamp.lit', data: { power: 1 } }).when('tell')).toThrow()
})
