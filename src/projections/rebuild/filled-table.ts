import { rowTable } from '../batch/row-table.ts'
import type { Writing } from '../batch/writer.ts'
import type { Session } from '../database/session.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'
import { addIndexes, addKey } from '../tables/prepare-table.ts'
import { copyRows } from './copy-rows.ts'
import type { TableChanges } from './folded-rows.ts'
import { KeyFilter } from './key-filter.ts'

/**
 * A fold's table while it is filled: new rows go by COPY into a table without a key. The key is made with the first row that
 * has to be read again, or at the end.
 */
export interface FilledTable {
  /** Learns which rows an earlier attempt has written. */
  resume(): Promise<void>
  /** Whether it may have a row of this key; never wrongly false. */
  mayHave(key: string): boolean
  /** The rows of those keys that it has. */
  read(keys: string[]): Promise<Map<string, Row>>
  write(writing: Writing, changes: TableChanges): Promise<void>
  /** Makes the key and the indexes. */
  finish(writing: Writing): Promise<void>
}

/** Rows of one statement where COPY cannot be used. */
const STATEMENT_ROWS = 2000

/** @param expectedRows about how many there will be at most */
export function filledTable(
  session: Session,
  projection: FoldProjection,
  table: string,
  expectedRows: number,
): FilledTable {
  const rows = rowTable(projection, table)
  const written = new KeyFilter(expectedRows)
  let hasKey = false

  async function makeKey(): Promise<void> {
    if (hasKey) return
    await session.db.transaction().execute((tx) => addKey(tx, projection, table))
    hasKey = true
  }

  return {
    async resume() {
      await makeKey()
      await rows.eachKey(session.client, (key) => written.add(key))
    },
    mayHave: (key) => written.has(key),
    async read(keys) {
      await makeKey()
      return await rows.read(session.client, keys)
    },
    async write({ client, tx }, { fresh, changed, gone }) {
      if (changed.length + gone.length > 0 && !hasKey) {
        await addKey(tx, projection, table)
        hasKey = true
      }
      for (const part of slices(gone)) await rows.write(client, { upserts: [], deletes: part })
      for (const part of slices(changed)) await rows.write(client, { upserts: part, deletes: [] })
      if (fresh.length > 0) await copyRows(client, table, projection, fresh)
      for (const row of fresh) written.add(String(row[projection.keyColumn]))
    },
    async finish({ tx }) {
      await addIndexes(tx, projection, table)
      hasKey = true
    },
  }
}

function* slices<T>(list: T[]): Generator<T[]> {
  for (let from = 0; from < list.length; from += STATEMENT_ROWS) yield list.slice(from, from + STATEMENT_ROWS)
}
