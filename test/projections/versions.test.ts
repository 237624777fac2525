import { jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it } from 'vitest'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { ask, ended } from './rebuild-support.ts'
import { type Space, account, eventually, openSpace } from './support.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

describe('a definition that has changed', () => {
  it('makes the table anew and applies every event again; an older process then leaves it alone', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    await space.commit('account', 'a', moved(4))
    const before = await space.start([accountProjection()])
    await eventually('version 1 is there', () => before.of().positions[log.stream]?.applied === 2)
    await before.stop()

    const renamed = defineProjection({
      name: 'account',
      version: 2,
      from: [account],
      columns: { id: column.text().key(), holder: column.text() },
      evolve: { 'account.opened': (_, { aggregateId, data }) => ({ id: aggregateId, holder: data.owner }) },
    })
    const after = await space.start([renamed])
    await eventually('version 2 is there', () => after.of().positions[log.stream]?.applied === 2)
    expect(await space.rows('select * from v_account')).toEqual([{ id: 'a', holder: 'ann' }])
    expect(after.recorded.warn).toEqual([expect.stringMatching(/definition of the projection has changed/)])
    const others = () =>
      space.rows(
        `select from pg_tables where schemaname = current_schema() and tablename ~ '^(new|old)_account_projection'`,
      )
    await eventually('the old table is gone', async () => (await others()).length === 0)
    await after.stop()

    const older = await space.start([accountProjection()])
    await eventually('the older one leaves it alone', () => older.of().state === 'superseded')
    expect(older.of()).toMatchObject({ state: 'superseded', lastError: { code: 'PROJECTION_SUPERSEDED' } })
    expect(older.of().lastError?.message).toMatch(/at version 2 in the database; this process has version 1/)
    expect(await space.rows('select * from v_account')).toEqual([{ id: 'a', holder: 'ann' }])
  })

  it('is not taken for the old one by an older process that begins in the middle of the swap', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    const before = await space.start([accountProjection()])
    await eventually('version 1 is there', () => before.of().positions[log.stream]?.applied === 1)
    await before.stop()
    const swap = await space.database.pool.connect()
    const { rows } = await swap.query<{ pid: number }>('select pg_backend_pid() as pid')
    const backend = rows[0]?.pid ?? 0
    try {
      await swap.query(
        'begin; select from tb_projection_checkpoint for update; select from tb_projection for update',
      )
      await swap.query(`
        create temporary table held on commit drop as select * from tb_projection_checkpoint;
        delete from tb_projection_checkpoint;
        insert into tb_projection_checkpoint select * from held;
        update tb_projection_checkpoint set generation = 2;
        update tb_projection set version = 2`)
      const starting = space.start([accountProjection()])
      // Seen from beside it: a transaction looks at what the others do once.
      const waiting = `select from pg_stat_activity where ${backend} = any(pg_blocking_pids(pid))`
      await eventually('the older one waits for it', async () => (await space.rows(waiting)).length > 0)
      await swap.query('commit')
      const older = await starting
      await eventually('the older one leaves it alone', () => older.of().state === 'superseded')
      expect(older.of()).toMatchObject({ state: 'superseded', lastError: { code: 'PROJECTION_SUPERSEDED' } })
    } finally {
      swap.release(true)
    }
  })

  it('is found out without a new version too, and the author told', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    const first = await space.start([accountProjection()])
    await eventually('it is applied', () => first.of().positions[log.stream]?.applied === 1)
    await first.stop()
    const other = defineProjection({
      name: 'account',
      version: 1,
      from: [account],
      columns: { id: column.text().key() },
      evolve: { 'account.opened': (_, { aggregateId }) => ({ id: aggregateId }) },
    })
    const second = await space.start([other])
    await eventually('it is applied again', () => second.of().positions[log.stream]?.applied === 1)
    expect(second.recorded.warn).toEqual([expect.stringMatching(/definition of the projection has changed/)])
    expect(await space.rows('select * from v_account')).toEqual([{ id: 'a' }])
  })
})

it('a stream with another name is applied from its beginning, to an empty table', async () => {
  const space = await openSpace(stack())
  for (const stream of ['BANK', 'BANK2']) {
    const log = await space.log(stream, account)
    await space.commit('account', stream, opened('ann'))
    const running = await space.start([accountProjection()])
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
    await running.stop()
    expect(await space.rows('select id from v_account')).toEqual([{ id: stream }])
    await request(stack().nc, `$JS.API.STREAM.DELETE.${log.stream}`)
  }
  expect(await space.rows('select count(*) from tb_projection_checkpoint')).toEqual([{ count: 1 }])
})

describe('a log that does not fit the checkpoint', () => {
  it.each([
    ['ends before it', `set sequence = 7`, /applied .* up to 7, but the stream ends at 1/],
    ['was made anew', `set stream_created = '2020-01-01T00:00:00Z'`, /made anew since/],
  ])('because it %s, is an error', async (_, change, message) => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const first = await space.start([accountProjection()])
    await space.commit('account', 'a', opened('ann'))
    await eventually('it is applied', () => first.of().positions[log.stream]?.applied === 1)
    await first.stop()
    await space.rows(`update tb_projection_checkpoint ${change}`)
    const second = await space.start([accountProjection()])
    await eventually('it is seen', () => second.of().lastError?.code === 'PROJECTION_LOG_MISMATCH')
    const { state, lastError } = second.of()
    expect(state).toBe('down')
    expect(lastError).toMatchObject({
      code: 'PROJECTION_LOG_MISMATCH',
      message: expect.stringMatching(message),
    })
  })

  it('because it is made anew under a running process, is one though it is as long again; a rebuild mends it', async () => {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    const running = await space.start([accountProjection()])
    await space.commit('account', 'a', opened('ann'))
    await eventually('it is applied', () => running.of().positions[stream]?.applied === 1)
    await (await jetstreamManager(stack().nc)).streams.delete(stream)
    const anew = await openSpace(stack(), space)
    await anew.log('BANK', account)
    await anew.commit('account', 'b', opened('bob'))
    // While there was nothing in it, it was another thing that was wrong.
    const isSeen = () => running.of().lastError?.message.includes('made anew since, at') === true
    await eventually('it is seen', isSeen)
    expect(running.of().lastError?.code).toBe('PROJECTION_LOG_MISMATCH')
    await ask(anew)
    expect(await ended(anew)).toMatchObject({ state: 'done' })
    await eventually('it goes on', () => running.of().state === 'up')
    const last = await anew.commit('account', 'b', moved(3))
    await eventually('it is applied', () => running.of().positions[stream]?.applied === last)
    expect(await space.rows('select id, balance from v_account')).toEqual([{ id: 'b', balance: 3 }])
    await running.stop()
    const again = await anew.start([accountProjection()])
    await eventually('it is up', () => again.of().state === 'up')
    expect(again.of()).toMatchObject({ state: 'up', lastError: null })
  })
})

describe('a stream that has lost its end and has grown again', () => {
  /** To whoever does not look at the messages, it is the stream that it was. */
  async function openGrown(space: Space, commits: number) {
    const { stream } = space.logOf('account')
    await (await jetstreamManager(stack().nc)).streams.delete(stream)
    const grown = await openSpace(stack(), space)
    const { created } = await grown.log('BANK', account)
    for (let at = 0; at < commits; at++) await grown.commit('account', `b${at}`, opened('bob'))
    await grown.rows(`update tb_projection_checkpoint set stream_created = '${created}'`)
    return grown
  }

  async function openApplied() {
    const space = await openSpace(stack())
    const { stream } = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    const running = await space.start([accountProjection()])
    const last = await space.commit('account', 'a', moved(1))
    await eventually('it is applied', () => running.of().positions[stream]?.applied === last)
    return { space, running, stream }
  }

  it('is not gone on with from a position before which other messages are now', async () => {
    const { space, running } = await openApplied()
    await running.stop()
    const grown = await openGrown(space, 5)
    const halted = await grown.start([accountProjection()])
    await eventually('it is seen', () => halted.of().lastError?.code === 'PROJECTION_LOG_MISMATCH')
    const error = { code: 'PROJECTION_LOG_MISMATCH', message: expect.stringMatching(/has lost its end/) }
    expect(halted.of()).toMatchObject({ state: 'down', lastError: error })
    expect(await grown.rows('select id from v_account')).toEqual([{ id: 'a' }])
    await ask(grown, {}, 'verify')
    expect(await ended(grown, 'verify')).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/has lost its end/),
    })
    await ask(grown)
    expect(await ended(grown)).toMatchObject({ state: 'done' })
    await eventually('it goes on', () => halted.of().state === 'up')
    expect(await grown.rows('select id from v_account')).toHaveLength(5)
    await halted.stop()
    // What a swap says of its position is looked at as well.
    const again = await openGrown(grown, 6)
    const halted2 = await again.start([accountProjection()])
    await eventually('it is seen', () => halted2.of().lastError?.code === 'PROJECTION_LOG_MISMATCH')
    expect(halted2.of()).toMatchObject({ state: 'down', lastError: error })
  })

  it('is not seen where an older release has moved the position, which is no reason to stand still', async () => {
    const { space, running, stream } = await openApplied()
    await running.stop()
    const third = await space.commit('account', 'a', moved(1))
    await space.rows(`update tb_projection_checkpoint set sequence = ${third}`)
    const next = await space.start([accountProjection()])
    await eventually('it is up', () => next.of().state === 'up')
    expect(next.of()).toMatchObject({ state: 'up', positions: { [stream]: { applied: third } } })
  })

  it('is told from one that is whole, whatever stands where the position is', async () => {
    const { space, running, stream } = await openApplied()
    await request(stack().nc, `${space.namespace}.evt.account.z`, 'garbage')
    await eventually('the garbage is parked', () => running.of().positions[stream]?.applied === 3)
    await running.stop()
    const [known] = await space.rows('select recorded_sequence from tb_projection_checkpoint')
    expect(known).toEqual({ recorded_sequence: 3 })
    const next = await space.start([accountProjection()])
    await eventually('it is up', () => next.of().state === 'up')
    expect(next.of()).toMatchObject({ state: 'up', lastError: null })
  })
})

it('a stream that was made anew before there was anything in it is the one that the projection is of', async () => {
  const space = await openSpace(stack())
  const { stream } = await space.log('BANK', account)
  const running = await space.start([accountProjection()])
  await eventually('it is up', () => running.of().state === 'up')
  await running.stop()
  await (await jetstreamManager(stack().nc)).streams.delete(stream)
  await space.log('BANK', account)
  for (const amount of [1, 2]) {
    const last = await space.commit('account', 'a', amount === 1 ? opened('ann') : moved(amount))
    const next = await space.start([accountProjection()])
    await eventually('it is applied', () => next.of().positions[stream]?.applied === last)
    await next.stop()
  }
  expect(await space.rows('select id, balance from v_account')).toEqual([{ id: 'a', balance: 2 }])
})
