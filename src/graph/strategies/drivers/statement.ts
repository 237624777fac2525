import { type RawBuilder, sql } from 'kysely'
import type { KeyValue, RawRow, TableColumn, TableQuery } from './table-driver.ts'

/** How a column is selected, where its name alone does not give its text. */
export type SelectColumn = (column: TableColumn) => RawBuilder<unknown>

const byName: SelectColumn = ({ column }) => sql.id(column)

/** `select … where key in (…)`: for any database, and keys of any number of columns. */
export function selectIn(
  query: TableQuery,
  keys: readonly (readonly KeyValue[])[],
  select: SelectColumn = byName,
): RawBuilder<RawRow> {
  const [column] = query.key
  if (query.key.length === 1 && column !== undefined) {
    return sql<RawRow>`${head(query, select)} where ${sql.id(column)} in (${sql.join(keys.flat())})`
  }
  const one = (key: readonly KeyValue[]) =>
    sql`(${sql.join(
      query.key.map((name, index) => sql`${sql.id(name)} = ${key[index]}`),
      sql` and `,
    )})`
  return sql<RawRow>`${head(query, select)} where ${sql.join(keys.map(one), sql` or `)}`
}

/** PostgreSQL's: one parameter whatever the number of keys, so that it is one statement to everybody who counts them. */
export function selectAny(query: TableQuery, keys: readonly (readonly KeyValue[])[]): RawBuilder<RawRow> {
  const [column] = query.key
  return query.key.length === 1 && column !== undefined
    ? sql<RawRow>`${head(query, byName)} where ${sql.id(column)} = any(${keys.flat()})`
    : selectIn(query, keys)
}

function head({ schema, table, columns }: TableQuery, select: SelectColumn): RawBuilder<unknown> {
  const from = schema === undefined ? sql.id(table) : sql.id(schema, table)
  return sql`select ${sql.join(columns.map(select))} from ${from}`
}
