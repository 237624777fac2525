import { describe, expect, it } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { type Space, account, cutInTransaction, eventually, openSpace, withClient } from './support.ts'

const stack = stackOfFile()

/** Commits one account's moves while `disturb` is at work, then compares the row with the only right one. */
async function exactThrough(space: Space, disturb: () => Promise<void>, settings = { batchSize: 5 }) {
  const log = await space.log('BANK', account)
  await space.commit('account', 'a', opened('ann'))
  for (let amount = 1; amount <= 60; amount++) await space.commit('account', 'a', moved(amount))
  const running = await space.start([accountProjection()], settings)
  await disturb()
  for (let amount = 61; amount <= 120; amount++) await space.commit('account', 'a', moved(amount))
  const { last } = await log.bounds()
  await eventually('all is applied', () => running.of().positions[log.stream]?.applied === last)
  let trail = 0
  for (let version = 1; version <= 121; version++) trail = (trail * 31 + version) % 1_000_003
  expect(await space.rows('select * from v_account')).toEqual([
    { id: 'a', owner: 'ann', balance: (120 * 121) / 2, trail, version: 121 },
  ])
  await eventually('it is up', () => running.of().state === 'up')
  return running
}

describe('without gap or repeat', () => {
  it('its connection is cut in the middle of batches (4 faults)', async () => {
    const space = await openSpace(stack())
    await exactThrough(space, async () => expect(await cutWhileBusy(space, 4)).toBe(4))
  })

  it('NATS restarts (1 fault)', async () => {
    const space = await openSpace(stack())
    await exactThrough(space, async () => {
      await stack().stopNats()
      await stack().startNats()
    })
  })

  it('PostgreSQL restarts (1 fault)', async () => {
    const space = await openSpace(stack())
    const running = await exactThrough(space, async () => {
      await stack().stopPostgres()
      await stack().startPostgres()
    })
    expect(running.recorded.error).toContain('the projection is down and will try again')
  })

  it('PostgreSQL crashes, and takes the last batches with it (1 fault)', async () => {
    const space = await openSpace(stack())
    await exactThrough(space, async () => {
      await stack().crashPostgres()
      await stack().startPostgres()
    })
  })

  it('a connection breaks in the hands of whoever has taken it from the pool (1 fault)', async () => {
    const { database, rows } = await openSpace(stack())
    const client = await database.pool.connect()
    const ended = new Promise((resolve) => client.once('end', resolve))
    const [own] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
    await rows(`select pg_terminate_backend(${own?.pid})`)
    await ended
    await expect(client.query('select 1')).rejects.toThrow(/not queryable|terminated/)
    client.release(true)
    expect(await rows('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('somebody else has moved the checkpoint: nothing is written, and it goes on from there', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const running = await space.start([accountProjection()])
    await space.commit('account', 'a', opened('ann'))
    await eventually('the first is applied', () => running.of().positions[log.stream]?.applied === 1)
    // As if another runner had applied the second commit; its row is the proof that this one did not.
    const other = await space.database.pool.connect()
    try {
      await other.query('begin; update tb_projection_checkpoint set sequence = 2')
      await other.query('update tb_account_projection set balance = 1000, version = 2')
      // Before anybody sees that it is applied: a checkpoint in front of its log would be an error.
      await space.commit('account', 'a', moved(1))
      await other.query('commit')
    } finally {
      other.release(true)
    }
    await space.commit('account', 'a', moved(2))
    await eventually('the third is applied', () => running.of().positions[log.stream]?.applied === 3)
    expect(await space.rows('select balance, version from v_account')).toEqual([
      { balance: 1002, version: 3 },
    ])
    expect(running.of()).toMatchObject({ state: 'up', lastError: null })
    expect(running.recorded.error).toEqual([])
  })
})

/** Ends the backend that holds the projection's lock, a number of times, each while it is inside of a transaction. */
async function cutWhileBusy(space: Space, times: number): Promise<number> {
  return await withClient(stack().databaseUrl, async (client) => {
    let cuts = 0
    while (cuts < times) {
      const table = `"${space.schema}".tb_account_projection`
      cuts += await cutInTransaction(client, table, async () => {
        await space.commit('account', 'b', opened('bob'))
      })
    }
    await space.commit('account', 'b', { type: 'account.closed', data: {} })
    return cuts
  })
}
