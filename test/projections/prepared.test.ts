import { expect, it } from 'vitest'
import { preparedStatement } from '../../src/projections/database/prepared.ts'
import { stackOfFile } from '../support/stack.ts'
import { openSpace } from './support.ts'

const stack = stackOfFile()

it('what was prepared reads on when its table is exchanged for one with other columns', async () => {
  const space = await openSpace(stack())
  await space.rows('create table thing (id text primary key, size int)')
  await space.rows(`insert into thing values ('a', 1)`)
  const statement = preparedStatement('select * from thing where id = any($1)')
  const { read, pool } = space.database
  const readAll = () => Promise.all(Array.from({ length: 20 }, () => read(statement, [['a']])))
  expect(new Set((await readAll()).map((rows) => JSON.stringify(rows)))).toEqual(
    new Set(['[{"id":"a","size":1}]']),
  )
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from pg_prepared_statements where name like 'hw_%'`,
  )
  expect(rows[0]?.count).toBe(1)

  await space.rows('alter table thing rename to old_thing')
  await space.rows('create table thing (id text primary key, name text)')
  await space.rows(`insert into thing values ('a', 'x')`)
  for (let round = 0; round < 2; round++) {
    expect(new Set((await readAll()).map((found) => JSON.stringify(found)))).toEqual(
      new Set(['[{"id":"a","name":"x"}]']),
    )
  }
})
