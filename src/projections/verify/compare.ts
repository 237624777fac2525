import type { ClientBase } from 'pg'
import { quoted } from '../definition/identifiers.ts'

/** A row that is not what the log says; null on the side that does not have it. */
export interface Difference {
  table: string
  live: unknown
  expected: unknown
}

export interface Comparison {
  rows: number
  differences: number
  /** The first of them. */
  sample: Difference[]
}

export interface Side {
  client: ClientBase
  table: string
}

const SAMPLE = 100
const PAGE = 2000

/**
 * Compares two tables row by row, in pages: they may be larger than memory. Rows are matched by the key column, or, without
 * one, by everything that is in them.
 */
export async function compareTables(
  live: Side,
  expected: Side,
  key: string | undefined,
): Promise<Comparison> {
  const result: Comparison = { rows: 0, differences: 0, sample: [] }
  const different = (left: string | null, right: string | null) => {
    result.differences++
    if (result.sample.length < SAMPLE) {
      result.sample.push({ table: live.table, live: parsed(left), expected: parsed(right) })
    }
  }
  const left = rowsOf(live, key)
  const right = rowsOf(expected, key)
  let [a, b] = [await left.next(), await right.next()]
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : Buffer.compare(a.value.key, b.value.key)
    if (order < 0 && !a.done) different(a.value.row, null)
    else if (order > 0 && !b.done) different(null, b.value.row)
    else if (!a.done && !b.done && a.value.row !== b.value.row) different(a.value.row, b.value.row)
    if (order >= 0) result.rows++
    if (order <= 0) a = await left.next()
    if (order >= 0) b = await right.next()
  }
  return result
}

interface Keyed {
  /** In bytes, in whose order PostgreSQL's collation "C" sorts. */
  key: Buffer
  row: string
}

async function* rowsOf({ client, table }: Side, key: string | undefined): AsyncGenerator<Keyed, undefined> {
  const by = key === undefined ? 'to_jsonb(t)::text' : `t.${quoted(key)}`
  const cursor = quoted(`rows of ${table}`)
  await client.query(
    `declare ${cursor} no scroll cursor for
     select ${by} as key, to_jsonb(t)::text as row from ${quoted(table)} t order by ${by} collate "C", 2`,
  )
  for (;;) {
    const { rows } = await client.query<{ key: string; row: string }>(`fetch ${PAGE} from ${cursor}`)
    for (const row of rows) yield { key: Buffer.from(row.key), row: row.row }
    if (rows.length < PAGE) break
  }
  await client.query(`close ${cursor}`)
  return undefined
}

function parsed(row: string | null): unknown {
  return row === null ? null : JSON.parse(row)
}
