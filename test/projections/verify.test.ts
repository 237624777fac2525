import { expect, it } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { ask, ended } from './rebuild-support.ts'
import { type Space, account, eventually, openSpace, parcel } from './support.ts'

const stack = stackOfFile()

/** A table with one account, whose checkpoint a test then puts somewhere else. */
async function openTable(space: Space): Promise<void> {
  await space.commit('account', 'a', opened('ann'))
  const running = await space.start([accountProjection()])
  const { stream } = space.logOf('account')
  await eventually('it is applied', () => running.of().positions[stream]?.applied === 1)
}

it.each([
  ['ends before the table', `set sequence = 7`, /up to 7, but the stream ends at 1/],
  ['was made anew', `set stream_created = '2020-01-01T00:00:00Z'`, /made anew since, at/],
])('a log that %s is said, and not waited for', async (_, change, message) => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  await openTable(space)
  await space.rows(`update tb_projection_checkpoint ${change}`)
  const refused = { state: 'failed', error: expect.stringMatching(message) }
  await ask(space, {}, 'verify')
  expect(await ended(space, 'verify')).toMatchObject(refused)
  // Nor are rows of one log put among those of another.
  await ask(space, { from: { sequence: 1 } })
  expect(await ended(space)).toMatchObject(refused)
  await ask(space)
  expect(await ended(space)).toMatchObject({ state: 'done' })
})

it.each([
  ['the last of the stream', []],
  ['one that others follow', [moved(3)]],
])('a position at a commit of other aggregates is come to: %s', async (_, after) => {
  const space = await openSpace(stack())
  await space.log('BANK', account, parcel)
  await openTable(space)
  const sequence = await space.commit('parcel', 'p', { type: 'parcel.sent', data: { to: 'bob' } })
  // The runner cannot write what follows, so that the table stays there.
  const holder = await space.database.pool.connect()
  try {
    await holder.query('begin; lock table tb_account_projection in share mode')
    await space.rows(`update tb_projection_checkpoint set sequence = ${sequence}`)
    for (const event of after) await space.commit('account', 'a', event)
    await ask(space, {}, 'verify')
    expect(await ended(space, 'verify')).toMatchObject({
      state: 'done',
      result: { differences: 0, rows: 1, positions: { [space.logOf('parcel').stream]: sequence } },
    })
  } finally {
    await holder.query('rollback')
    holder.release()
  }
})
