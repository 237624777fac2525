import { describe, expect, it } from 'vitest'
import { readStatus } from '../../src/projections/status/read-status.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, closed, moved, noted, opened, straightFold } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

/** A repeatable sequence of commits over a few accounts, one to three events each. */
function commits(count: number) {
  let seed = 7
  const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  return Array.from({ length: count }, () => {
    const id = `a-${next(12)}`
    const events = Array.from(
      { length: 1 + next(3) },
      () => [opened(`o${next(3)}`), moved(next(99)), moved(-next(9)), noted, closed][next(5)] ?? noted,
    )
    return { id, events }
  })
}

describe('a fold projection', () => {
  it('has the rows of a straight fold, from a replay in small batches and then live', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const all = commits(400)
    for (const { id, events } of all.slice(0, 250)) await space.commit('account', id, ...events)
    const running = await space.start([accountProjection()], { batchSize: 7, buffer: 20 })
    for (const { id, events } of all.slice(250)) await space.commit('account', id, ...events)
    const { last } = await log.bounds()
    await eventually('all is applied', () => running.of().positions[log.stream]?.applied === last)
    expect(await space.rows('select * from tb_account_projection order by id')).toEqual(straightFold(all))
    expect(await space.rows('select * from v_account order by id')).toEqual(straightFold(all))

    const status = running.of()
    expect(status).toMatchObject({ name: 'account', state: 'up', lagEvents: 0, lagMs: 0, lastError: null })
    expect(status.eventsApplied).toBe(all.flatMap(({ events }) => events).length)
    expect(status.lastBatch?.commits).toBeGreaterThan(0)
    expect(status.ratePerSecond).toBeGreaterThan(0)
    // Its figures depend on when it said them last.
    expect(await readStatus(space.database.db, space.logs.values())).toMatchObject([
      {
        name: 'account',
        version: 1,
        table: 'tb_account_projection',
        state: 'up',
        lastError: null,
        positions: { [log.stream]: { applied: last, last, updatedAt: expect.stringMatching(/Z$/) } },
        pending: 0,
        lagMs: 0,
        rebuild: null,
        parked: 0,
        queued: 0,
      },
    ])
  })

  it('goes on where it stopped, and tells other processes how far behind it is', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const first = await space.start([accountProjection()])
    await space.commit('account', 'a', opened('ann'))
    await eventually('the first is applied', () => first.of().positions[log.stream]?.applied === 1)
    await first.stop()
    expect(first.of().state).toBe('stopped')
    await space.commit('account', 'a', moved(5), moved(6))
    const [recorded] = await readStatus(space.database.db, space.logs.values())
    expect(recorded).toMatchObject({ pending: 1, positions: { [log.stream]: { applied: 1, last: 2 } } })
    expect(recorded?.lagMs).toBeGreaterThan(0)

    const second = await space.start([accountProjection()])
    const applied: unknown[] = []
    second.onApplied((name, positions) => applied.push([name, positions]))
    await space.commit('account', 'a', moved(7))
    await eventually('all is applied', () => second.of().positions[log.stream]?.applied === 3)
    expect(await space.rows('select balance from v_account')).toEqual([{ balance: 18 }])
    expect(second.of().eventsApplied).toBe(3)
    expect(applied.at(-1)).toEqual(['account', { [log.stream]: 3 }])
  })

  it('says that it lags when the oldest event that waits is older than the threshold', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const running = await space.start([accountProjection()], { lagThresholdMs: 100 })
    await space.commit('account', 'a', opened('ann'))
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
    // A reader's lock on the table holds the projection up; nothing else does.
    const reader = await space.database.pool.connect()
    try {
      await reader.query('begin')
      await reader.query('lock table tb_account_projection in share mode')
      await space.commit('account', 'a', moved(1))
      await eventually('it lags', () => running.of().state === 'lagging')
      expect(running.of()).toMatchObject({
        lagEvents: 1,
        positions: { [log.stream]: { applied: 1, pending: 1 } },
      })
      await reader.query('rollback')
    } finally {
      reader.release()
    }
    await eventually('it has caught up', () => running.of().state === 'up')
  })
})
