import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defineSqlProjection } from '../../src/projections/definition/define-sql-projection.ts'
import { requestJob } from '../../src/projections/jobs/job.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { column } from '../../src/projections/definition/column.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { ask, ended, expectExact, keepWriting, leftOvers, openPen } from './rebuild-support.ts'
import { type Space, account, eventually, openSpace, parcel } from './support.ts'

const stack = stackOfFile()

/** Two tables, with a sequence and an index of its own beside the main one. */
const moves = defineSqlProjection({
  name: 'account',
  version: 1,
  from: [account],
  async migrate(schema, table) {
    await schema.schema
      .createTable(table)
      .addColumn('id', 'text', (id) => id.primaryKey())
      .addColumn('total', 'bigint', (total) => total.notNull())
      .execute()
    await schema.schema
      .createTable(`${table}_move`)
      .addColumn('number', 'bigserial', (number) => number.primaryKey())
      .addColumn('place', 'integer', (place) => place.generatedAlwaysAsIdentity())
      .addColumn('account', 'text', (id) => id.notNull().references(`${table}.id`))
      .addColumn('amount', 'bigint', (amount) => amount.notNull())
      .execute()
    await schema.schema
      .createIndex(`${table}_move_account_idx`)
      .on(`${table}_move`)
      .column('account')
      .execute()
  },
  on: {
    async 'account.opened'({ aggregateId }, tx, table) {
      await sql`insert into ${sql.table(table)} values (${aggregateId}, 0) on conflict do nothing`.execute(tx)
    },
    async 'account.moved'({ aggregateId, data: { amount } }, tx, table) {
      await sql`update ${sql.table(table)} set total = total + ${amount} where id = ${aggregateId}`.execute(
        tx,
      )
      await sql`insert into ${sql.table(`${table}_move`)} (account, amount) values (${aggregateId}, ${amount})`.execute(
        tx,
      )
    },
  },
})

async function openAccounts(count: number): Promise<{ space: Space; more: () => Promise<void> }> {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  for (let index = 0; index < count; index++) await space.commit('account', `a${index}`, opened(`o${index}`))
  let turn = 0
  return {
    space,
    async more() {
      for (let index = 0; index < count; index++) await space.commit('account', `a${index}`, moved(++turn))
    },
  }
}

async function caughtUp(space: Space): Promise<void> {
  const { last } = await space.logOf('account').bounds()
  await eventually('it is caught up', async () => {
    const [row] = await space.rows(
      `select sequence from tb_projection_checkpoint where projection = 'account'`,
    )
    return row?.['sequence'] === last
  })
}

const relations = (space: Space) =>
  space.rows(
    `select relname as name, relkind::text as kind from pg_class
     where relnamespace = current_schema()::regnamespace and relname ~ '_account_projection' order by 1`,
  )

describe('a projection by SQL', () => {
  it('is rebuilt again and again: its tables, indexes and sequences keep their names, and verify finds it right', async () => {
    const { space, more } = await openAccounts(5)
    await more()
    const running = await space.start([moves])
    await caughtUp(space)
    const before = await relations(space)
    expect(before.map(({ name }) => name)).toContain('tb_account_projection_move_number_seq')
    for (let rebuilds = 1; rebuilds <= 3; rebuilds++) {
      await space.rows(`update tb_account_projection_move set amount = -1`)
      await space.rows(`update tb_account_projection set total = -1`)
      await ask(space)
      await more()
      expect(await ended(space)).toMatchObject({ state: 'done', error: null })
      await more()
      await caughtUp(space)
      expect(await relations(space)).toEqual(before)
      const wrong = await space.rows(
        `select id from tb_account_projection a where total <> (select sum(amount) from tb_account_projection_move m where m.account = a.id)`,
      )
      expect(wrong).toEqual([])
      await ask(space, {}, 'verify')
      const verified = await ended(space, 'verify')
      expect(verified).toMatchObject({
        state: 'done',
        result: { differences: 0, rows: 5 + 5 * (1 + 2 * rebuilds) },
      })
    }
    // Its rows have no key that is known: one that differs is one too many and one too few.
    await space.rows(`update tb_account_projection_move set amount = 7 where number = 3`)
    await ask(space, {}, 'verify')
    expect((await ended(space, 'verify')).result).toMatchObject({
      differences: 2,
      sample: [
        { table: 'tb_account_projection_move', live: null, expected: { number: 3, amount: 3 } },
        { table: 'tb_account_projection_move', live: { number: 3, amount: 7 }, expected: null },
      ],
    })
    expect(running.recorded.error).toEqual([])
  })
})

describe('what others have of a table', () => {
  it('rights on table and view go over to the new one, and a view on the view goes on', async () => {
    const { space, more } = await openAccounts(3)
    await space.start([moves])
    await caughtUp(space)
    const role = uniqueName()
    await space.rows(`create role ${role}`)
    onTestFinished(async () => {
      const { pool } = space.database
      await pool.query(`drop owned by ${role}`)
      await pool.query(`drop role ${role}`)
    })
    await space.rows(`grant usage on schema "${space.schema}" to ${role}`)
    await space.rows(
      `grant select on tb_account_projection, tb_account_projection_move, v_account to ${role}`,
    )
    await space.rows(`create view rich as select id, total from v_account where total > 1`)
    await ask(space)
    expect(await ended(space)).toMatchObject({ state: 'done' })
    await more()
    await caughtUp(space)
    const client = await space.database.pool.connect()
    try {
      await client.query(`set role ${role}`)
      for (const from of ['v_account', 'tb_account_projection', 'tb_account_projection_move']) {
        expect((await client.query(`select from ${from}`)).rowCount).toBe(3)
      }
      await expect(client.query('delete from tb_account_projection')).rejects.toThrow(/permission denied/)
    } finally {
      await client.query('reset role')
      client.release()
    }
    expect(await space.rows('select * from rich order by id')).toEqual([
      { id: 'a1', total: 2 },
      { id: 'a2', total: 3 },
    ])
  })

  it('a view on the table itself keeps the old one, with a warning; the next rebuild says what is in its way', async () => {
    const { space, more } = await openAccounts(3)
    const running = await space.start([accountProjection()])
    await caughtUp(space)
    await space.rows(`create view stale as select id from tb_account_projection`)
    await ask(space)
    const began = performance.now()
    const job = await ended(space)
    expect(job).toMatchObject({ state: 'done', result: { swapped: true, kept: 'old_account_projection' } })
    // It is told, and not waited for: the view stays for as long as its owner likes.
    expect(performance.now() - began).toBeLessThan(30_000)
    expect(running.recorded.warn).toEqual([expect.stringMatching(/could not be dropped; it is kept/)])
    await more()
    await caughtUp(space)
    expect(await space.rows('select id from tb_account_projection where balance > 0')).toHaveLength(3)
    await ask(space)
    expect(await ended(space)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/stale still reads old_account_projection.*build it on v_account/),
    })
    await space.rows('drop view stale')
    await ask(space)
    expect(await ended(space)).toMatchObject({ state: 'done' })
    expect(await leftOvers(space)).toEqual([])
  })

  it('a view on the view that lacks a column from now on refuses the swap, and the old table goes on serving', async () => {
    const { space, more } = await openAccounts(3)
    await space.start([accountProjection()])
    await caughtUp(space)
    await space.rows(`create view owners as select owner from v_account`)
    const narrow = defineProjection({
      name: 'account',
      version: 2,
      from: [account],
      columns: { id: column.text().key() },
      evolve: { 'account.opened': (_, { aggregateId }) => ({ id: aggregateId }) },
    })
    await space.start([narrow])
    expect(await ended(space)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/view owners depends/),
    })
    await more()
    await caughtUp(space)
    expect(await space.rows('select * from owners')).toHaveLength(3)
    expect(await leftOvers(space)).toEqual([])
  })

  it('a reader of the table that was kept holds the swap up, and costs no row', async () => {
    const space = await openSpace(stack())
    await space.log('BANK', account)
    const pen = await openPen(space)
    const running = await space.start([accountProjection()])
    await ask(space, { keepOld: true })
    expect(await ended(space)).toMatchObject({ state: 'done', result: { kept: 'old_account_projection' } })
    const reader = await space.database.pool.connect()
    const writer = keepWriting(pen, 300)
    await reader.query('begin')
    await reader.query('select from old_account_projection')
    await ask(space)
    const tries = () => running.recorded.info.filter((text) => text === 'the swap is tried again').length
    await eventually('it has tried twice', () => tries() >= 2)
    await reader.query('rollback')
    reader.release()
    expect(await ended(space)).toMatchObject({ state: 'done' })
    await writer.stop()
    await expectExact(space, pen.written)
    expect(await leftOvers(space)).toEqual([])
  })
})

it('a definition of fewer aggregates of a stream is swapped in, though it never comes to the last commit', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account, parcel)
  const both = defineProjection({
    name: 'account',
    version: 1,
    from: [account, parcel],
    columns: { id: column.text().key(), kind: column.text() },
    evolve: {
      'account.opened': (_, { aggregateId }) => ({ id: aggregateId, kind: 'account' }),
      'parcel.sent': (_, { aggregateId }) => ({ id: aggregateId, kind: 'parcel' }),
    },
  })
  const before = await space.start([both])
  await space.commit('account', 'a', opened('ann'))
  // More than a swap takes along under its lock.
  const parcels = Array.from({ length: 2100 }, (_, index) => `p${index}`)
  await Promise.all(
    parcels.map((id) => space.commit('parcel', id, { type: 'parcel.sent', data: { to: 'bob' } })),
  )
  await caughtUp(space)
  await before.stop()
  const after = await space.start([accountProjection({ version: 2 })])
  expect(await ended(space)).toMatchObject({ state: 'done', version: 2 })
  const last = await space.commit('account', 'a', moved(3))
  await eventually('it goes on', () => after.of().positions[space.logOf('account').stream]?.applied === last)
  expect(await space.rows('select id, balance from v_account')).toEqual([{ id: 'a', balance: 3 }])
})

it('what is cancelled while nobody is there is cleaned up by the next who comes', async () => {
  const { space } = await openAccounts(2)
  const first = await space.start([accountProjection()])
  await caughtUp(space)
  await first.stop()
  // As a process of another version leaves it that is killed.
  await requestJob(space.database.db, {
    projection: 'account',
    kind: 'rebuild',
    options: {},
    definition: { version: 9, shape: 'gone' },
  })
  await space.rows(`update tb_projection_job set state = 'running', cancel_requested = true`)
  await space.rows(`create table new_account_projection (id text)`)
  await space.start([accountProjection()])
  expect(await ended(space)).toMatchObject({ state: 'cancelled' })
  expect(await leftOvers(space)).toEqual([])
})
