import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { parseTimestamp } from '../../src/projections/database/pg-types.ts'
import { loadJob, requestJob } from '../../src/projections/jobs/job.ts'
import { stackOfFile } from '../support/stack.ts'
import { moved, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

/** What each column is given for a row, by the row's number. */
const VALUES = [
  {
    text: 'plain',
    amount: '12.50',
    json: { list: [1, 'two', null], 'k"ey': { deep: true } },
    at: '2026-01-31T10:00:00.000Z',
    big: Number.MAX_SAFE_INTEGER,
    flag: true,
    small: 2147483647,
    maybe: null,
    raw: null,
  },
  {
    text: 'qu"ote, back\\slash {brace} NULL \n ü 🚀',
    amount: `-${'9'.repeat(60)}.${'0'.repeat(40)}`,
    json: ['\\u0000', '\\"', { a: 1e21, b: -1.5e-7 }],
    at: '0001-01-01T00:00:00.000Z',
    big: Number.MIN_SAFE_INTEGER,
    flag: false,
    small: -2147483648,
    maybe: '',
    raw: [null],
  },
  {
    text: 'tab\tline\r\n\\N \\. \\t',
    amount: '0.10',
    json: 'tab\t \\N',
    at: '2000-02-29T00:00:00.001Z',
    big: -1,
    flag: true,
    small: 1,
    maybe: '\\N',
    raw: { '\t': '\\N' },
  },
  {
    // More than COPY is given at a time.
    text: 'long '.repeat(60_000),
    amount: '0.00',
    json: 'text',
    at: '9999-12-31T23:59:59.999Z',
    big: 0,
    flag: false,
    small: 0,
    maybe: 'NULL',
    raw: 'null',
  },
]

describe('values', () => {
  it('come back as they were given: to the fold that goes on with them, and to readers', async () => {
    const seen: unknown[] = []
    const projection = defineProjection({
      name: 'value',
      version: 1,
      from: [account],
      columns: {
        id: column.text().key(),
        text: column.text(),
        amount: column.numeric(),
        json: column.json(z.unknown()),
        at: column.timestamp(),
        big: column.bigint(),
        flag: column.boolean(),
        small: column.integer(),
        maybe: column.text().nullable().index(),
        raw: column.json(z.unknown()),
      },
      evolve: {
        'account.opened': (_, { aggregateId: id, data }) => {
          const values = VALUES[Number(data.owner)]
          return values ? { id, ...values } : null
        },
        'account.moved': (row) => {
          seen.push(row)
          return row
        },
      },
    })
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const running = await space.start([projection])
    for (const index of VALUES.keys()) await space.commit('account', `a-${index}`, opened(`${index}`))
    await eventually('they are stored', () => running.of().positions[log.stream]?.applied === VALUES.length)
    for (const index of VALUES.keys()) await space.commit('account', `a-${index}`, moved(1))
    await eventually('they are read', () => running.of().positions[log.stream]?.applied === 2 * VALUES.length)
    const expected = VALUES.map((values, index) => ({ id: `a-${index}`, ...values }))
    expect(seen).toStrictEqual(expected)
    expect(await space.rows('select * from v_value order by id')).toStrictEqual(expected)
    // A rebuild writes them in another way.
    await requestJob(space.database.db, { projection: 'value', kind: 'rebuild', options: {} })
    const job = () => loadJob(space.database.db, 'value', 'rebuild')
    await eventually('it is rebuilt', async () => (await job())?.state === 'done')
    expect(await space.rows('select * from v_value order by id')).toStrictEqual(expected)
    const indexes = await space.rows(
      `select indexdef from pg_indexes where schemaname = '${space.schema}' and tablename = 'tb_value_projection'`,
    )
    expect(indexes.map(({ indexdef }) => String(indexdef).replace(/.* USING /, '')).sort()).toEqual([
      'btree (id)',
      'btree (maybe)',
    ])
  })

  it('that a reader meets elsewhere are cut to milliseconds, and refused where a number would lie', async () => {
    const space = await openSpace(stack())
    expect(
      await space.rows(`select '2026-01-31 10:00:00.123987+02'::timestamptz as at, 1.10::numeric as amount`),
    ).toEqual([{ at: '2026-01-31T08:00:00.123Z', amount: '1.10' }])
    await expect(space.rows(`select 9007199254740993 as big`)).rejects.toThrow(/too large/)
    expect(parseTimestamp('infinity')).toBe('infinity')
  })
})
