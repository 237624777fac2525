import { expect, it, onTestFinished } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, closed, moved, opened, straightFold } from './accounts.ts'
import { type Written, ask, ended, jobOf } from './rebuild-support.ts'
import { type NewEvent, account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

/**
 * Accounts, and what a partial rebuild does before it reads the end of one of them.
 * @param before is told the id of each that is looked at
 */
async function openBank(before: (id: string) => Promise<void> = async () => {}) {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const written: Written = []
  space.logs.set('account', {
    ...log,
    read: {
      ...log.read,
      async leaderLast(subject) {
        await before(subject.split('.').at(-1) ?? '')
        return await log.read.leaderLast(subject)
      },
    },
  })
  let commits = 0
  const add = async (id: string, ...events: NewEvent[]) => {
    await space.commit('account', id, ...events)
    commits++
    written.push({ id, events })
  }
  const start = async () => {
    const running = await space.start([accountProjection()])
    const applied = () =>
      eventually('all is applied', () => running.of().positions[log.stream]?.applied === commits)
    await applied()
    return { running, applied }
  }
  const live = () => space.rows('select * from tb_account_projection order by id')
  return { space, written, add, start, live }
}

it('a row that a history does not give goes, one that it gives comes, and it says how much that was', async () => {
  const { space, written, add, start, live } = await openBank()
  await add('other', opened())
  await add('a', opened(), moved(3))
  await add('b', opened())
  await add('b', closed)
  await start()
  await space.rows(`delete from tb_account_projection where id = 'a'`)
  await space.rows(`insert into tb_account_projection values ('b', 'nobody', 1, 1, 1)`)
  await space.rows(`update tb_account_projection set balance = -1 where id = 'other'`)
  await ask(space, { from: { sequence: 2 } })
  const job = await ended(space)
  const result = { partial: true, aggregates: 2, rows: 2 }
  expect(job).toMatchObject({ state: 'done', events: 4, result })
  expect(await live()).toEqual(
    straightFold(written).map((row) => (row['id'] === 'other' ? { ...row, balance: -1 } : row)),
  )
})

it('what the runner applies while histories are read, short ones and long ones, is in the rows once', async () => {
  let meanwhile: (() => Promise<void>) | undefined
  const { space, written, add, start, live } = await openBank(async () => {
    const now = meanwhile
    meanwhile = undefined
    await now?.()
  })
  await add('long', opened())
  for (let commit = 0; commit < 11; commit++)
    await add('long', ...Array.from({ length: 100 }, (_, at) => moved(at)))
  await add('short', opened(), moved(3))
  await add('gone', opened())
  const { applied } = await start()
  await space.rows(`update tb_account_projection set balance = -1`)
  meanwhile = async () => {
    await add('short', moved(5))
    await add('long', moved(7))
    await add('gone', closed)
    await applied()
  }
  await ask(space, { from: { sequence: 1 } })
  expect(await ended(space)).toMatchObject({ state: 'done', result: { aggregates: 3, rows: 3 } })
  expect(meanwhile).toBeUndefined()
  expect(await live()).toEqual(straightFold(written))
})

it('an interrupted one goes on where it was', async () => {
  const COUNT = 600
  const name = (at: number) => `a${String(at).padStart(3, '0')}`
  const looked: string[] = []
  const stuck = Promise.withResolvers<undefined>()
  let stopAt: string | undefined = name(COUNT - 1)
  const { space, written, add, start, live } = await openBank(async (id) => {
    looked.push(id)
    if (id === stopAt) await stuck.promise
  })
  for (let at = 0; at < COUNT; at++) await add(name(at), opened(), moved(at))
  const { running } = await start()
  // Whatever fails here, the projection is not kept from stopping.
  onTestFinished(() => stuck.resolve(undefined))
  await space.rows(`update tb_account_projection set balance = -1`)
  await ask(space, { from: { sequence: 1 } })
  await eventually('it to come to the last', () => looked.includes(name(COUNT - 1)))
  expect(await jobOf(space)).toMatchObject({ result: { cursor: name(499) } })
  const stopping = running.stop()
  stopAt = undefined
  stuck.resolve(undefined)
  await stopping
  // What is done is not done again: it would be put right.
  await space.rows(`update tb_account_projection set balance = -2 where id = '${name(0)}'`)
  looked.length = 0
  await start()
  expect(await ended(space)).toMatchObject({ state: 'done', result: { partial: true, aggregates: COUNT } })
  expect(looked).not.toContain(name(499))
  expect(await live()).toEqual(
    straightFold(written).map((row) => (row['id'] === name(0) ? { ...row, balance: -2 } : row)),
  )
})
