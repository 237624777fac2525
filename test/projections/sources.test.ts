import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { defineSqlProjection } from '../../src/projections/definition/define-sql-projection.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, noted, opened } from './accounts.ts'
import { account, eventually, openSpace, parcel } from './support.ts'

const stack = stackOfFile()
const sent = (to: string) => ({ type: 'parcel.sent', data: { to } })

it('a projection over several streams has a checkpoint for each', async () => {
  const space = await openSpace(stack())
  const bank = await space.log('BANK', account)
  const post = await space.log('POST', parcel)
  const people = defineProjection({
    name: 'person',
    version: 1,
    from: [account, parcel],
    columns: { id: column.text().key(), accounts: column.integer(), parcels: column.integer() },
    key: (event) => {
      if (event.type === 'account.opened') return event.data.owner
      return event.type === 'parcel.sent' ? event.data.to : event.aggregateId
    },
    evolve: {
      'account.opened': (row, { data }) => ({
        id: data.owner,
        parcels: 0,
        ...row,
        accounts: (row?.accounts ?? 0) + 1,
      }),
      'parcel.sent': (row, { data }) => ({
        id: data.to,
        accounts: 0,
        ...row,
        parcels: (row?.parcels ?? 0) + 1,
      }),
    },
  })
  const running = await space.start([people], { batchSize: 3 })
  for (let n = 1; n <= 10; n++) {
    await space.commit('account', `a-${n}`, opened(n % 2 ? 'ann' : 'bob'))
    await space.commit('parcel', `p-${n}`, sent('ann'))
  }
  await eventually('all is applied', () => {
    const { positions } = running.of()
    return positions[bank.stream]?.applied === 10 && positions[post.stream]?.applied === 10
  })
  expect(await space.rows('select * from v_person order by id')).toEqual([
    { id: 'ann', accounts: 5, parcels: 10 },
    { id: 'bob', accounts: 5, parcels: 0 },
  ])
  expect(await space.rows('select stream, sequence from tb_projection_checkpoint order by 1')).toEqual([
    { stream: bank.stream, sequence: 10 },
    { stream: post.stream, sequence: 10 },
  ])
})

it('aggregates that share a stream are read by those who name them only', async () => {
  const space = await openSpace(stack())
  const log = await space.log('MIXED', account, parcel)
  const running = await space.start([accountProjection()])
  await space.commit('account', 'a', opened('ann'))
  await space.commit('parcel', 'p', sent('ann'))
  await space.commit('account', 'a', moved(2), noted, moved(3))
  await eventually('all is applied', () => running.of().positions[log.stream]?.applied === 3)
  expect(running.of().eventsApplied).toBe(4)
  expect(await space.rows('select balance from v_account')).toEqual([{ balance: 5 }])
})

describe('an SQL projection', () => {
  const totals = defineSqlProjection({
    name: 'total',
    version: 1,
    onPoison: 'halt',
    from: [account],
    migrate: async ({ schema }, table) => {
      await schema
        .createTable(table)
        .addColumn('owner', 'text', (c) => c.primaryKey())
        .addColumn('total', 'bigint')
        .execute()
      await schema
        .createTable(`${table}_owner`)
        .addColumn('account', 'text', (c) => c.primaryKey())
        .addColumn('owner', 'text')
        .execute()
    },
    on: {
      'account.opened': async ({ aggregateId, data }, tx, table) => {
        await tx.insertInto(`${table}_owner`).values({ account: aggregateId, owner: data.owner }).execute()
      },
      'account.moved': async ({ aggregateId, data }, tx, table) => {
        await sql`
          insert into ${sql.table(table)} (owner, total)
          select owner, ${data.amount} from ${sql.table(`${table}_owner`)} where account = ${aggregateId}
          on conflict (owner) do update set total = ${sql.table(table)}.total + excluded.total`.execute(tx)
      },
    },
  })

  it('applies its statements in the transaction of the checkpoint', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const running = await space.start([totals], { batchSize: 3 })
    await space.commit('account', 'a', opened('ann'), moved(5))
    await space.commit('account', 'b', opened('ann'), moved(7))
    await space.commit('account', 'a', moved(-1))
    await eventually('all is applied', () => running.of().positions[log.stream]?.applied === 3)
    expect(await space.rows('select * from v_total')).toEqual([{ owner: 'ann', total: 11 }])

    // A statement that fails leaves nothing of its commit behind, and the projection in front of it.
    await space.commit('account', 'c', moved(1), opened('bob'))
    await space.rows(`insert into tb_total_projection_owner values ('d', 'dan')`)
    await space.commit('account', 'a', moved(100))
    await space.commit('account', 'd', moved(50), opened('dan'))
    await eventually('it halts', () => running.of().state === 'down')
    expect(running.of().lastError).toMatchObject({ position: { stream: log.stream, sequence: 6 } })
    expect(running.of().positions[log.stream]?.applied).toBe(5)
    expect(await space.rows('select * from v_total order by owner')).toEqual([{ owner: 'ann', total: 111 }])
    await space.rows(`delete from tb_total_projection_owner where account = 'd'`)
    await eventually('it goes on', () => running.of().positions[log.stream]?.applied === 6)
    expect(running.of()).toMatchObject({ state: 'up', lastError: null })

    // Every table that it made goes when it is made anew.
    await running.stop()
    const again = await space.start([{ ...totals, version: 2 }])
    await eventually('it is made anew', () => again.of().positions[log.stream]?.applied === 6)
    expect(await space.rows('select * from v_total order by owner')).toEqual([{ owner: 'ann', total: 111 }])
  })
})
