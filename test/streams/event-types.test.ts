import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { UnknownEventError, createEventTypes, versionedEvent } from '../../src/streams/events/event-types.ts'
import { recordedEvents } from '../../src/streams/events/recorded-event.ts'
import { someEvents } from './support.ts'

const types = createEventTypes({
  'thing.named': versionedEvent(
    z.object({ first: z.string(), last: z.string() }),
    (v1: string) => ({ name: v1 }),
    (v2: { name: string }) => ({ first: v2.name.split(' ')[0], last: v2.name.split(' ')[1] }),
  ),
  'thing.happened': z.object({ n: z.number() }),
  'thing.broken': versionedEvent(z.object({}), (why: string) => {
    // As a careless author may.
    throw why === '' ? new Error('there is nothing') : why
  }),
})
const position = { stream: 'THINGS', sequence: 7 }

function event(changes: Partial<CloudEvent>): CloudEvent {
  const [one] = someEvents(1)
  if (!one) throw new Error('no event')
  return { ...one, ...changes }
}

test.each([
  [1, 'Ada Byron'],
  [2, { name: 'Ada Byron' }],
  [3, { first: 'Ada', last: 'Byron' }],
])('an event of version %i is read at the current one', (dataversion, data) => {
  const read = types.decode(event({ type: 'thing.named', dataversion, data }), position)
  expect(read).toEqual({ first: 'Ada', last: 'Byron' })
})

test('what is written has the current version, and only what the schema knows', () => {
  expect(types.encode('thing.named', { first: 'Ada', last: 'Byron', age: 36 })).toEqual({
    dataversion: 3,
    data: { first: 'Ada', last: 'Byron' },
  })
  expect(types.encode('thing.happened', { n: 1 }).dataversion).toBe(1)
  expect(() => types.encode('thing.happened', { n: 'one' })).toThrow(z.ZodError)
  expect(() => types.encode('thing.sold', {})).toThrow(/thing\.sold/)
})

describe('what cannot be read is named with its position', () => {
  const unknown: [string, Partial<CloudEvent>, RegExp][] = [
    ['a type that is not declared', { type: 'thing.sold' }, /thing\.sold .*THINGS 7 .*not declared/],
    ['a type out of the prototype', { type: 'constructor' }, /not declared/],
    ['a newer version', { type: 'thing.named', dataversion: 4 }, /version 4.*THINGS 7 .*knows 3/],
    [
      'upcast data that does not fit',
      { type: 'thing.named', dataversion: 2, data: { name: 'Ada' } },
      /upcasting/,
    ],
    [
      'an upcaster that fails',
      { type: 'thing.broken', dataversion: 1, data: '' },
      /upcast: there is nothing$/,
    ],
    [
      'an upcaster that throws no error',
      { type: 'thing.broken', dataversion: 1, data: 'bad' },
      /upcast: no reason given$/,
    ],
  ]
  test.each(unknown)('%s', (_, changes, message) => {
    const read = () => types.decode(event(changes), position)
    expect(read).toThrow(UnknownEventError)
    expect(read).toThrow(message)
    expect(read).toThrow(expect.objectContaining({ position, code: 'UNKNOWN_EVENT' }))
  })
})

test('a commit is read as events with their origin', () => {
  const [recorded, second] = recordedEvents(types, {
    position,
    aggregate: 'thing',
    id: 't-1',
    recordedAt: 0,
    previous: 0,
    size: 0,
    events: someEvents(4, 2),
  })
  expect(recorded).toEqual({
    id: 'e-4',
    type: 'thing.happened',
    data: { n: 4 },
    aggregate: 'thing',
    aggregateId: 't-1',
    version: 4,
    time: '2026-01-31T10:00:00.000Z',
    correlationId: 'cor',
    causationId: 'cau',
    commandId: 'cmd-4',
  })
  expect(second?.version).toBe(5)
})
