import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { readStatus } from '../../src/projections/status/read-status.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

it('a handler that throws halts its projection in front of the commit, with the position; the others go on', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  let broken = true
  const fragile = defineProjection({
    name: 'fragile',
    version: 1,
    onPoison: 'halt',
    from: [account],
    columns: { id: column.text().key(), moves: column.integer() },
    evolve: {
      'account.opened': (_, { aggregateId }) => ({ id: aggregateId, moves: 0 }),
      'account.moved': (row, { data }) => {
        if (broken && data.amount === 13) throw new Error('thirteen is too much')
        return row && { ...row, moves: row.moves + 1 }
      },
    },
  })
  await space.commit('account', 'a', opened('ann'))
  for (const amount of [1, 2, 13, 4]) await space.commit('account', 'a', moved(amount))
  const running = await space.start([fragile, accountProjection()], { retryMaxMs: 100 })
  await eventually('one is down, the other done', () => {
    return (
      running.of('fragile').state === 'down' && running.of('account').positions[log.stream]?.applied === 5
    )
  })
  expect(running.of('fragile')).toMatchObject({
    positions: { [log.stream]: { applied: 3 } },
    lastError: {
      code: 'PROJECTION_EVENT_FAILED',
      position: { stream: log.stream, sequence: 4 },
      message: `The event account.moved at ${log.stream} 4 cannot be applied to the projection fragile: thirteen is too much`,
    },
  })
  await eventually('it is behind', () => running.of('fragile').lagMs > 0)
  expect(await space.rows('select * from v_fragile')).toEqual([{ id: 'a', moves: 2 }])
  await eventually('others can read why', async () => {
    const [, recorded] = await readStatus(space.database.db, space.logs.values())
    return recorded?.state === 'down' && (recorded.lastError ?? '').includes('thirteen')
  })
  broken = false
  await eventually('it goes on by itself', () => running.of('fragile').positions[log.stream]?.applied === 5)
  expect(running.of('fragile')).toMatchObject({ state: 'up', lastError: null, eventsApplied: 5 })
  expect(await space.rows('select * from v_fragile')).toEqual([{ id: 'a', moves: 4 }])
})

it('an event that this release does not know halts, and so does a message that is no commit', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const running = await space.start([accountProjection({ onPoison: 'halt' })])
  await space.commit('account', 'a', opened('ann'))
  await space.commit('account', 'a', { type: 'account.frozen', data: {} })
  await eventually('it is down', () => running.of().state === 'down')
  expect(running.of().lastError).toMatchObject({
    position: { sequence: 2 },
    message: expect.stringMatching(/account\.frozen .* not declared here/),
  })
  await space.rows('update tb_projection_checkpoint set sequence = 2')
  await request(stack().nc, `${space.namespace}.evt.account.x`, 'no commit')
  await eventually('the message is met', () => running.of().lastError?.position?.sequence === 3)
  expect(running.of().lastError).toMatchObject({ code: 'MALFORMED_COMMIT', position: { stream: log.stream } })
})

it('a row that PostgreSQL refuses is found among those of its batch', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  // An index takes no more than a third of a page, compressed; a random text does not get smaller.
  const long = randomBytes(6000).toString('base64')
  for (const owner of ['ann', 'bob', long, 'eve'])
    await space.commit('account', `a-${owner.length}`, opened(owner))
  const running = await space.start([accountProjection({ onPoison: 'halt' })])
  await eventually('it is down', () => running.of().state === 'down')
  expect(running.of()).toMatchObject({
    positions: { [log.stream]: { applied: 2 } },
    lastError: { position: { sequence: 3 }, message: expect.stringMatching(/index row (size|requires)/) },
  })
})
