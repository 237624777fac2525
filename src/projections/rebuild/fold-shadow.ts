import type { FoldProjection, Row } from '../definition/definition.ts'
import { type Rows, keysOf } from '../batch/fold-batch.ts'
import { addIndexes, addKey } from '../tables/prepare-table.ts'
import { rowTable } from '../batch/row-table.ts'
import type { Session } from '../database/session.ts'
import { copyRows } from './copy-rows.ts'
import { foldCommits } from './fold-commits.ts'
import type { Intake } from './intake.ts'
import { KeyFilter } from './key-filter.ts'
import type { RebuildLimits } from '../jobs/limits.ts'
import type { Shadow } from './shadow.ts'

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
  intake: Intake
  /** About how many rows there will be at most. */
  expectedRows: number
  /** Whether the table was begun by an earlier attempt. */
  resumed: boolean
  limits: Pick<RebuildLimits, 'rows' | 'bytes'>
}

/**
 * The shadow of a fold: rows are folded in memory, and written when there are too many of them. A new row goes by COPY into
 * a table without a key. The key is made with the first row that has to be read again, or at the end.
 */
export async function openFoldShadow(options: FoldShadowOptions): Promise<Shadow> {
  const { session, projection, table, intake, expectedRows, resumed, limits } = options
  const rows = rowTable(projection, table)
  const cache = new Map<string, Entry>()
  const written = new KeyFilter(expectedRows)
  let hasKey = false
  let bytes = 0
  const isFull = () => cache.size >= limits.rows || bytes >= limits.bytes
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
    const wanted: string[] = []
    for (const key of keys) {
      if (cache.has(key)) continue
      if (written.has(key)) wanted.push(key)
      else cache.set(key, { row: null, stored: false, changed: false })
    }
    if (wanted.length === 0) return
    await makeKey()
    const found = await rows.read(session.client, wanted)
    for (const key of wanted) {
      const row = found.get(key) ?? null
      cache.set(key, { row, stored: row !== null, changed: false })
    }
  }

  const folded: Rows = {
    get: (key) => cache.get(key)?.row ?? null,
    set(key, row) {
      const entry = cache.get(key)
      if (!entry) return
      entry.row = row
      entry.changed = true
    },
  }

  return {
    async take(commits) {
      const { batch, parking, settle } = intake.open(commits)
      await load(keysOf(projection, batch.events, parking))
      for (const { size } of commits) bytes += size
      foldCommits(projection, folded, commits, batch, parking)
      settle()
    },
    get isFull() {
      return isFull()
    },
    async flush(writing) {
      const { fresh, changed, gone } = sort(cache)
      const { client } = writing
      if (changed.length + gone.length > 0 && !hasKey) {
        await addKey(writing.tx, projection, table)
        hasKey = true
      }
      for (const part of slices(gone)) await rows.write(client, { upserts: [], deletes: part })
      for (const part of slices(changed)) await rows.write(client, { upserts: part, deletes: [] })
      if (fresh.length > 0) await copyRows(client, table, projection, fresh)
      for (const row of fresh) written.add(String(row[projection.keyColumn]))
      await intake.flush(client)
      if (isFull()) {
        cache.clear()
        bytes = 0
      } else settle(cache)
    },
    async finish({ tx }) {
      await addIndexes(tx, projection, table)
      hasKey = true
    },
  }
}

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
