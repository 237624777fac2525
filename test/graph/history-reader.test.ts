import { expect, it } from 'vitest'
import { createGate } from '../../src/graph/history/gate.ts'
import { type HistoryRange, createHistoryReader } from '../../src/graph/history/history-reader.ts'
import { createCopiesReader } from '../../src/projections/copies/read.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import type { AggregateReader } from '../../src/streams/log/aggregate-reader.ts'
import { moved, opened } from '../projections/accounts.ts'
import { openCopies } from '../projections/copies-support.ts'
import { type Space, account, openSpace } from '../projections/support.ts'
import { stackOfFile } from '../support/stack.ts'

const stack = stackOfFile()

/** Histories of a space's accounts; `asked` says what the log was asked for besides. */
function historiesOf(space: Space, prepared = space.database.read) {
  const asked: string[] = []
  const { read, ...log } = space.logOf('account')
  const watched = new Proxy(read, {
    get(target, name: keyof AggregateReader) {
      asked.push(name)
      return target[name]
    },
  })
  const reader = createHistoryReader({
    sources: new Map([['account', { log: { ...log, read: watched }, source: account }]]),
    namespace: space.namespace,
    gate: createGate(8, 8),
    copies: createCopiesReader(prepared),
  })
  const versions = async (range: HistoryRange = {}) =>
    (await reader.read('account', 'a', range)).map(({ version }) => version)
  return { reader, versions, asked }
}

/** Commits of two events, one and three: the first so many of them are copied. */
async function openAccount({ copied }: { copied: 0 | 1 | 3 }) {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const copies = await openCopies(space)
  const running = await copies.start()
  const commits = [[opened(), moved(1)], [moved(2)], [moved(3), moved(4), moved(5)]]
  if (copied === 0) await running.stop()
  for (const [at, events] of commits.entries()) {
    const sequence = await space.commit('account', 'a', ...events)
    if (at + 1 !== copied) continue
    await copies.reached(sequence)
    await running.stop()
  }
  return { space, ...historiesOf(space) }
}

const to = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

it('what is copied is not asked of the log when that is enough', async () => {
  const { reader, versions, asked } = await openAccount({ copied: 3 })
  expect(await versions({ enough: 6 })).toEqual(to(6))
  expect(await versions({ after: { version: 1, sequence: 1 }, enough: 6 })).toEqual(to(6, 2))
  expect(await versions({ after: { version: 4, sequence: 3 }, limit: 1 })).toEqual([5])
  expect(await versions({ limit: 6 })).toEqual(to(6))
  expect(asked).toEqual([])
  const events = await reader.read('account', 'a', { enough: 6 })
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 3, 3, 3])
})

it('without it the log is asked whether there is more', async () => {
  const { space, versions, asked } = await openAccount({ copied: 3 })
  await space.commit('account', 'a', moved(6))
  expect(await versions()).toEqual(to(7))
  expect(asked).not.toEqual([])
})

it.each([0, 1, 3] as const)('with %i of 3 commits copied every range is the same', async (copied) => {
  const { versions } = await openAccount({ copied })
  const sequences = [0, 1, 1, 2, 3, 3, 3]
  for (const [version, sequence] of sequences.entries()) {
    const after = version === 0 ? undefined : { version, sequence }
    expect(await versions({ after })).toEqual(to(6, version + 1))
    expect(await versions({ after, limit: 2 })).toEqual(to(6, version + 1).slice(0, 2))
    expect(await versions({ after, atLeast: 6, enough: 6 })).toEqual(to(6, version + 1))
    expect(await versions({ after, limit: 3, atLeast: 6, enough: 6 })).toEqual(to(6, version + 1).slice(0, 3))
  }
})

it('when the database does not answer, the log does', async () => {
  const { space } = await openAccount({ copied: 3 })
  const closed = await createDatabase({
    url: stack().databaseUrl,
    schema: space.schema,
    poolSize: 1,
    statementTimeoutMs: 20_000,
  })
  await closed.close()
  const { versions } = historiesOf(space, closed.read)
  expect(await versions({ enough: 6 })).toEqual(to(6))
})
