import { expect, test } from 'vitest'
import { takeRound } from '../../src/commands/transactions/take-round.ts'
import { aCommand } from '../support/a-command.ts'
import { pour } from './jars.ts'

/** A pouring that needs these jars. */
function enlisted(commandId: string, keys: string[], bytes = 10) {
  return {
    command: aCommand('jar.a.pour', {}, { commandId, bytes }),
    transaction: pour,
    participants: keys.map((key) => ({ role: key, key, aggregate: pour.on, id: key })),
    answer: () => {},
    deadline: 0,
    conflicts: 0,
  }
}

const SIZE = { transactions: 10, aggregates: 10, bytes: 100 }

function take(
  waiting: ReturnType<typeof enlisted>[],
  size: Partial<typeof SIZE> = {},
  awaited: readonly string[] = [],
) {
  const { taken, left } = takeRound(waiting, { ...SIZE, ...size }, (key) => awaited.includes(key))
  return [taken, left].map((some) => some.map(({ command }) => command.commandId).join(' '))
}

const three = () => [enlisted('1', ['a', 'b']), enlisted('2', ['b', 'c']), enlisted('3', ['d'])]

test('a round has as many transactions as it may have, in their order', () => {
  expect(take(three())).toEqual(['1 2 3', ''])
  expect(take(three(), { transactions: 2 })).toEqual(['1 2', '3'])
})

test('aggregates that several need count once', () => {
  expect(take(three(), { aggregates: 3 })).toEqual(['1 2', '3'])
  expect(take(three(), { aggregates: 4 })).toEqual(['1 2 3', ''])
})

test('no more bytes than it may have', () => {
  expect(take(three(), { bytes: 20 })).toEqual(['1 2', '3'])
  expect(take(three(), { bytes: 19 })).toEqual(['1', '2 3'])
})

test('the first one always, whatever its size', () => {
  expect(take(three(), { aggregates: 1, bytes: 1 })).toEqual(['1', '2 3'])
})

test('once it is full nobody overtakes, and who needs a busy one is passed over', () => {
  expect(take([enlisted('1', ['a']), enlisted('2', ['b'], 95), enlisted('3', ['c'])])).toEqual(['1', '2 3'])
  expect(take(three(), {}, ['c'])).toEqual(['1 3', '2'])
  expect(take(three(), {}, ['a', 'd'])).toEqual(['2', '1 3'])
})
