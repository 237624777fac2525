import { describe, expect, test } from 'vitest'
import type { Letter } from '../../src/commands/actor/letter.ts'
import { takeGroup } from '../../src/commands/actor/take-group.ts'
import { aCommand } from '../support/a-command.ts'
import { asking } from './asking.ts'

const aggregate = asking(async () => 1)
const limits = { mostCommands: 3, mostBytes: 100 }

/** Letters by their command ids: those that begin with `?` ask outside. */
function mailbox(...ids: string[]): Letter[] {
  return ids.map((commandId) => letter(commandId))
}

function letter(commandId: string, bytes = 10, data: object = {}, expectedVersion?: number): Letter {
  const path = commandId.startsWith('?') ? 'thing.a.ask' : 'thing.a.add'
  return { command: aCommand(path, data, { commandId, bytes, expectedVersion }), answer: () => {} }
}

const idsOf = (letters: Letter[]) => letters.map(({ command }) => command.commandId)

function take(letters: Letter[], changes: Partial<typeof limits> = {}) {
  const taken = takeGroup(letters, aggregate, { ...limits, ...changes })
  return [idsOf(taken), idsOf(letters)]
}

describe('a group has', () => {
  test('the first that wait, as many as it may have', () => {
    expect(take(mailbox('1', '2', '3', '4'))).toEqual([['1', '2', '3'], ['4']])
    expect(take(mailbox('1', '2'))).toEqual([['1', '2'], []])
  })

  test('no more bytes than it may have, but always one command', () => {
    expect(take([letter('1', 50), letter('2', 50), letter('3', 1)])).toEqual([['1', '2'], ['3']])
    expect(take([letter('1', 101), letter('2', 1)])).toEqual([['1'], ['2']])
  })

  test('none that asks outside, which goes alone', () => {
    expect(take(mailbox('1', '?2', '3'))).toEqual([['1'], ['?2', '3']])
    expect(take(mailbox('?2', '3', '4'))).toEqual([['?2'], ['3', '4']])
  })
})

describe('one that asks outside is taken as often as it was sent', () => {
  test('wherever its copies wait, and the others stay in their order', () => {
    expect(take(mailbox('?1', '2', '?1', '?3', '?1'))).toEqual([
      ['?1', '?1', '?1'],
      ['2', '?3'],
    ])
  })

  test('but not more often than a group may have', () => {
    expect(take(mailbox('?1', '?1', '?1'), { mostCommands: 2 })).toEqual([['?1', '?1'], ['?1']])
  })

  test('and not where the id alone is the same', () => {
    const other = letter('?1', 10, { text: 'another' })
    const versioned = letter('?1', 10, {}, 3)
    const renamed = { ...letter('?1'), command: aCommand('thing.a.add', {}, { commandId: '?1' }) }
    expect(take([letter('?1'), other, versioned, renamed])).toEqual([['?1'], ['?1', '?1', '?1']])
  })
})
