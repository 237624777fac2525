import {
  type Arbitrary,
  array,
  assert as assertProperty,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  option,
  record,
  tuple,
} from 'fast-check'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Condition, allOf, conditionSql } from '../../src/graph/reads/select-rows.ts'
import { matches } from '../../src/graph/live/matches.ts'
import { column } from '../../src/projections/definition/column.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'

const stack = stackOfFile()

const columns = {
  name: column.text(),
  amount: column.numeric(),
  at: column.timestamp(),
  count: column.bigint(),
  size: column.integer(),
  open: column.boolean(),
  nick: column.text().nullable(),
}
interface Row {
  name: string
  amount: string
  at: string
  count: number
  size: number
  open: boolean
  nick: string | null
}

const TEXTS = constantFrom('', 'a', 'A', 'ä', 'b ', 'null')
const DECIMALS = constantFrom(
  '0',
  '-0',
  '0.00',
  '1',
  '1.0',
  '-1.5',
  '10',
  '9.99',
  '12.50',
  '12.5000',
  '99999999999999999999.1',
  '-0.001',
)
const TIMES = constantFrom(
  '2026-01-31T10:00:00.000Z',
  '2026-01-31T11:00:00+01:00',
  '2026-01-31T10:00:00.001Z',
  '2026-01-31T10:00:00.0005Z',
  '1969-12-31T23:59:59.999Z',
  '2026-01-31T10:00:00.0000004Z',
  '2026-01-31T10:00:00.000001Z',
)
const MILLIS = constantFrom(
  '2026-01-31T10:00:00.000Z',
  '2026-01-31T10:00:00.001Z',
  '1969-12-31T23:59:59.999Z',
)
const NUMBERS = constantFrom(0, 1, -1, 2_147_483_647)
const BIG = constantFrom(0, 1, -1, Number.MAX_SAFE_INTEGER)
const OPERATORS = constantFrom('=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const)

const rows = array(
  record<Row>({
    name: TEXTS,
    amount: DECIMALS,
    at: MILLIS,
    count: BIG,
    size: NUMBERS,
    open: boolean(),
    nick: option(TEXTS),
  }),
  { minLength: 1, maxLength: 12 },
)
const condition = integer({ min: 0, max: 8 }).chain((kind) => {
  const compared = (name: keyof Row, values: Arbitrary<string | number>) =>
    tuple(OPERATORS, values).map(([operator, value]): Condition<Row> => [name, operator, value])
  if (kind === 0) return TEXTS.map((value): Condition<Row> => ['name', '=', value])
  if (kind === 1) return array(TEXTS).map((value): Condition<Row> => ['name', 'in', value])
  if (kind === 2) return compared('amount', DECIMALS)
  if (kind === 3) return compared('at', TIMES)
  if (kind === 4) return compared('count', BIG)
  if (kind === 5) return compared('size', NUMBERS)
  if (kind === 6) return boolean().map((value): Condition<Row> => ['open', '=', value])
  if (kind === 7) return constantFrom<Condition<Row>>(['name', '=', null], ['amount', '<', undefined])
  return TEXTS.map((value): Condition<Row> => ['nick', '=', value])
})

test('a row in memory fits a filter exactly when PostgreSQL finds it with that filter', async () => {
  const schema = uniqueName()
  const database = await createDatabase({
    url: stack().databaseUrl,
    schema,
    poolSize: 1,
    statementTimeoutMs: 10_000,
  })
  onTestFinished(() => database.close())
  const { db } = database
  await sql`create table fits (id int, name text, amount numeric, at timestamptz, count bigint, size int, open boolean, nick text)`.execute(
    db,
  )
  await assertProperty(
    asyncProperty(rows, array(condition, { maxLength: 3 }), async (given, conditions) => {
      await sql`truncate fits`.execute(db)
      for (const [id, { name, amount, at, count, size, open, nick }] of given.entries())
        await sql`insert into fits values (${id}, ${name}, ${amount}, ${at}, ${count}, ${size}, ${open}, ${nick})`.execute(
          db,
        )
      const found = await sql<{ id: number }>`
        select id from fits as t where ${allOf(conditions.flatMap((one) => conditionSql(one)))} order by id`.execute(
        db,
      )
      const fitting = given.flatMap((row, id) => (matches({ columns }, row, conditions) ? [id] : []))
      expect(fitting).toEqual(found.rows.map(({ id }) => id))
    }),
    { numRuns: 150 },
  )
})

test('what only the database can compare is not compared', () => {
  const row: Row = { name: 'a', amount: '1', at: '', count: 1, size: 1, open: true, nick: null }
  expect(() => matches({ columns }, row, [['name', '<', 'b']])).toThrow(TypeError)
})
