import type { Client } from 'pg'
import { quoted } from '../../src/projections/definition/identifiers.ts'

const COLUMNS = 'id, owner, currency, balance, last_reference, opened_at, updated_at, version'

/** What is in a table of wallets: how many rows, what they add up to, and every value of all of them in order. */
export async function checksum(client: Client, schema: string, table: string): Promise<string> {
  const { rows } = await client.query<{ checksum: string }>(
    `select concat_ws(' ', count(*), sum(balance), sum(version), md5(string_agg(md5(r::text), '' order by id collate "C")))
       as checksum
     from (select ${COLUMNS} from ${quoted(schema)}.${quoted(table)}) r`,
  )
  return rows[0]?.checksum ?? ''
}

/** @throws Error when a table is not what it has to be: fast and wrong is of no use */
export function assertSame(what: string, found: string, expected: string): void {
  if (found !== expected) throw new Error(`${what} has made the wrong table: ${found}, expected ${expected}`)
}
