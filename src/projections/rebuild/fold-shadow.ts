import type { FoldProjection, Row } from '../definition.ts'
import { foldBatch, keysOf } from '../fold-batch.ts'
import { addIndexes, addKey } from '../prepare-table.ts'
import { rowTable } from '../row-table.ts'
import type { Session } from '../session.ts'
import { copyRows } from './copy-rows.ts'
import { KeyFilter } from './key-filter.ts'
import type { Shadow } from './shadow.ts'

/** Rows in memory, and bytes of the events that they were made of: what bounds a rebuild's memory, whatever it makes. */
const MOST_ROWS = 50_000
const MOST_BYTES = 32 * 1024 * 1024
/** Rows of one statement where COPY cannot be used. */
const STATEMENT_ROWS = 2000

interface Entry {
  row: Row | null
  /** Whether the table has a row of this key. */
  stored: boolean
  changed: boolean
}

export interface FoldShadowOptions {
  session: Session
  projection: FoldProjection
  table: string
  /** About how many rows there will be at most. */
  expectedRows: number
  /** Whether the table was begun by an earlier attempt. */
  resumed: boolean
}

/**
 * The shadow of a fold: rows are folded in memory, and written when there are too many of them. A new row goes by COPY into
 * a table without a key. The key is made with the first row that has to be read again, or at the end.
 */
export async function openFoldShadow(options: FoldShadowOptions): Promise<Shadow> {
  const { session, projection, table, expectedRows, resumed } = options
  const rows = rowTable(projection, table)
  const cache = new Map<string, Entry>()
  const written = new KeyFilter(expectedRows)
  let hasKey = false
  let bytes = 0
  if (resumed) {
    await makeKey()
    await rows.eachKey(session.client, (key) => written.add(key))
  }

  async function makeKey(): Promise<void> {
    if (hasKey) return
    await session.db.transaction().execute((tx) => addKey(tx, projection, table))
    hasKey = true
  }

  /** Brings the rows of these keys into memory, from the table where it may have them. */
  async function load(keys: string[]): Promise<void> {
    const missing = keys.filter((key) => !cache.has(key))
    const wanted = missing.filter((key) => written.has(key))
    if (wanted.length > 0) await makeKey()
    const found = wanted.length > 0 ? await rows.read(session.client, wanted) : NONE
    for (const key of missing) {
      const row = found.get(key) ?? null
      cache.set(key, { row, stored: row !== null, changed: false })
    }
  }

  return {
    async take(events, size) {
      const keys = keysOf(projection, events)
      if (keys.length === 0) return
      await load(keys)
      bytes += size
      const before = new Map<string, Row>()
      for (const key of keys) {
        const row = cache.get(key)?.row
        if (row) before.set(key, row)
      }
      const { upserts, deletes } = foldBatch(projection, before, events)
      for (const row of upserts) change(String(row[projection.keyColumn]), row)
      for (const key of deletes) change(key, null)
    },
    get isFull() {
      return cache.size >= MOST_ROWS || bytes >= MOST_BYTES
    },
    async flush(writing) {
      const { fresh, changed, gone } = sort(cache)
      const { client } = writing
      for (const part of slices(gone)) await rows.write(client, { upserts: [], deletes: part })
      if (changed.length > 0 && !hasKey) {
        await addKey(writing.tx, projection, table)
        hasKey = true
      }
      for (const part of slices(changed)) await rows.write(client, { upserts: part, deletes: [] })
      if (fresh.length > 0) await copyRows(client, table, projection, fresh)
      for (const row of fresh) written.add(String(row[projection.keyColumn]))
      if (cache.size >= MOST_ROWS || bytes >= MOST_BYTES) cache.clear()
      else settle(cache)
      bytes = 0
    },
    async finish({ tx }) {
      await addIndexes(tx, projection, table)
      hasKey = true
    },
  }

  function change(key: string, row: Row | null): void {
    const entry = cache.get(key)
    if (!entry) return
    entry.row = row
    entry.changed = true
  }
}

const NONE: ReadonlyMap<string, Row> = new Map()

/** What has to be done with the rows that changed. */
function sort(cache: ReadonlyMap<string, Entry>) {
  const fresh: Row[] = []
  const changed: Row[] = []
  const gone: string[] = []
  for (const [key, { row, stored, changed: isChanged }] of cache) {
    if (!isChanged) continue
    if (row === null) {
      if (stored) gone.push(key)
    } else if (stored) changed.push(row)
    else fresh.push(row)
  }
  return { fresh, changed, gone }
}

/** After a flush the table is as the memory is. */
function settle(cache: ReadonlyMap<string, Entry>): void {
  for (const entry of cache.values()) {
    entry.stored = entry.row !== null
    entry.changed = false
  }
}

function* slices<T>(list: T[]): Generator<T[]> {
  for (let from = 0; from < list.length; from += STATEMENT_ROWS) yield list.slice(from, from + STATEMENT_ROWS)
}
