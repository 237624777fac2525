import type { ClientBase } from 'pg'
import { SQL_TYPES, columnLiteral, textLiteral } from '../tables/array-literal.ts'
import type { RowChanges } from './fold-batch.ts'
import { quoted } from '../definition/identifiers.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'

/** The statements on a fold projection's table: one each for reading, writing and deleting a batch of rows. */
export interface RowTable {
  /** The rows of those keys that exist, by key. */
  read(client: ClientBase, keys: string[]): Promise<Map<string, Row>>
  write(client: ClientBase, changes: RowChanges): Promise<void>
  /** Calls back with every key, in pages: the table may be larger than memory. */
  eachKey(client: ClientBase, callback: (key: string) => void): Promise<void>
}

const KEYS_PER_PAGE = 20_000

/** @param table the live one of the projection, or another of the same shape beside it */
export function rowTable({ columns, keyColumn }: FoldProjection, table: string): RowTable {
  const list = Object.entries(columns)
  const names = list.map(([name]) => quoted(name))
  const key = quoted(keyColumn)
  const name = quoted(table)
  const arrays = list.map(([, { kind }], index) => `$${index + 1}::${SQL_TYPES[kind]}[]`)
  const assignments = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`)
  const conflict = assignments.length > 0 ? `do update set ${assignments.join(', ')}` : 'do nothing'
  const select = `select ${names.join(', ')} from ${name} where ${key} = any($1::text[])`
  const upsert = `insert into ${name} (${names.join(', ')}) select * from unnest(${arrays.join(', ')}) on conflict (${key}) ${conflict}`
  const remove = `delete from ${name} where ${key} = any($1::text[])`
  const page = `select ${key} as key from ${name} where $1::text is null or ${key} > $1 order by ${key} limit ${KEYS_PER_PAGE}`
  return {
    async read(client, keys) {
      const { rows } = await client.query<Row>(select, [textLiteral(keys)])
      return new Map(rows.map((row) => [String(row[keyColumn]), row]))
    },
    async write(client, { upserts, deletes }) {
      if (deletes.length > 0) await client.query(remove, [textLiteral(deletes)])
      if (upserts.length === 0) return
      await client.query(
        upsert,
        list.map(([name, column]) => columnLiteral(name, column, upserts)),
      )
    },
    async eachKey(client, callback) {
      let after: string | null = null
      do {
        const { rows }: { rows: { key: string }[] } = await client.query(page, [after])
        for (const row of rows) callback(row.key)
        after = rows.at(-1)?.key ?? null
      } while (after !== null)
    },
  }
}
