import { expect, it } from 'vitest'
import { type Share, transactionReply } from '../../src/commands/transactions/transaction-reply.ts'
import { someEvents } from '../streams/support.ts'

/** What a transaction did to an aggregate that had two events before. */
const share = (id: string, events: number): Share => ({
  aggregate: 'jar',
  id,
  version: 2 + events,
  sequence: 10,
  events: someEvents(3, events).map((event) => ({ ...event, id: `${id}-${event.id}` })),
})

it.each<[string, [Share, ...Share[]], string, { id: string; version: number; events: string[] }]>([
  [
    'the addressed one leads',
    [share('a', 1), share('b', 1)],
    'b',
    { id: 'b', version: 3, events: ['b-e-3', 'a-e-3'] },
  ],
  [
    'unless nothing happened to it',
    [share('a', 0), share('b', 2)],
    'a',
    { id: 'b', version: 4, events: ['b-e-3', 'b-e-4'] },
  ],
  [
    'or it takes no part',
    [share('a', 1), share('b', 1)],
    'c',
    { id: 'a', version: 3, events: ['a-e-3', 'b-e-3'] },
  ],
  [
    'of what made nothing happen the addressed one tells',
    [share('a', 0), share('b', 0)],
    'b',
    { id: 'b', version: 2, events: [] },
  ],
  ['or the first role', [share('a', 0), share('b', 0)], 'c', { id: 'a', version: 2, events: [] }],
])('%s', (_, shares, id, expected) => {
  const reply = transactionReply('JARS', shares, { aggregate: 'jar', id }, false)
  expect({ ...reply, events: reply.events.map((event) => event.id) }).toMatchObject(expected)
})
