import { type RawBuilder, sql } from 'kysely'
import type { QueryResultRow } from 'pg'
import { type ReadPrepared, preparedStatement } from '../../projections/database/prepared.ts'

/** Answers the rows with these ids, in the order of the ids, null where there is none: one statement. */
export function selectByIds<Row extends QueryResultRow & { id: string }>(table: string) {
  const statement = preparedStatement(`select * from "${table}" where id = any($1)`)
  return async (read: ReadPrepared, ids: readonly string[]): Promise<(Row | null)[]> => {
    const rows = await read<Row>(statement, [[...ids]])
    const found = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => found.get(id) ?? null)
  }
}

/** A comparison of a column with a value; one whose value is null or undefined is not made. */
export type Condition<Row> = readonly [
  column: keyof Row & string,
  operator: '=' | '<' | '<=' | '>' | '>=' | 'in',
  value: unknown,
]

/** All of the conditions, on the table that is called `t`. */
export function allOf(conditions: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql`${sql.join(conditions, sql` and `)}`
}

export function conditionSql<Row>([column, operator, value]: Condition<Row>): RawBuilder<unknown>[] {
  if (value === null || value === undefined) return []
  const left = sql.ref(`t.${column}`)
  return [operator === 'in' ? sql`${left} = any(${value})` : sql`${left} ${sql.raw(operator)} ${value}`]
}
