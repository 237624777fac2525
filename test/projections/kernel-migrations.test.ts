import { expect, it } from 'vitest'
import { migrateKernel } from '../../src/projections/database/kernel-migrations.ts'
import { stackOfFile } from '../support/stack.ts'
import { openSpace, withClient } from './support.ts'

const stack = stackOfFile()

it('brings the tables to their form while tables come and go, as in the rebuild of another process', async () => {
  const { database, rows, schema } = await openSpace(stack())
  const stopping = new AbortController()
  let dropped = 0
  const comeAndGo = async (prefix: string) =>
    await withClient(stack().databaseUrl, async (client) => {
      const names = Array.from({ length: 20 }, (_, index) => `${schema}.${prefix}_${index}`)
      while (!stopping.signal.aborted) {
        await client.query(names.map((name) => `create table ${name} (id text, at bigint)`).join(';'))
        await client.query(`drop table ${names.join()}`)
        dropped += names.length
      }
    })
  const others = ['one', 'two'].map(comeAndGo)
  try {
    for (let start = 0; start < 300; start++) await migrateKernel(database)
  } finally {
    stopping.abort()
    await Promise.all(others)
  }
  expect(dropped).toBeGreaterThan(50)
  const all = await rows(`select count(*) from ${schema}.tb_headwater_migration`)
  expect(all).not.toEqual([{ count: 0 }])
})
