import type { Rows } from '../batch/fold-batch.ts'
import type { Row } from '../definition/definition.ts'

/** The rows of a table that are in memory, and what of them the table does not have yet. */
export interface FoldedRows extends Rows {
  readonly size: number
  has(key: string): boolean
  /** Brings a row in as the table has it; null when it has none of this key. */
  bring(key: string, row: Row | null): void
  /** What has to be done with the rows that changed. */
  changes(): TableChanges
  /** The table is as the memory is. */
  settle(): void
  clear(): void
}

export interface TableChanges {
  /** Those that the table has no row of. */
  readonly fresh: Row[]
  readonly changed: Row[]
  /** The keys of those that the table has and that are no more. */
  readonly gone: string[]
}

interface Entry {
  row: Row | null
  /** Whether the table has a row of this key. */
  stored: boolean
  changed: boolean
}

export function createFoldedRows(): FoldedRows {
  const entries = new Map<string, Entry>()
  return {
    get size() {
      return entries.size
    },
    has: (key) => entries.has(key),
    get: (key) => entries.get(key)?.row ?? null,
    set(key, row) {
      const entry = entries.get(key)
      if (!entry) return
      entry.row = row
      entry.changed = true
    },
    bring: (key, row) => void entries.set(key, { row, stored: row !== null, changed: false }),
    changes() {
      const fresh: Row[] = []
      const changed: Row[] = []
      const gone: string[] = []
      for (const [key, { row, stored, changed: isChanged }] of entries) {
        if (!isChanged) continue
        if (row === null) {
          if (stored) gone.push(key)
        } else if (stored) changed.push(row)
        else fresh.push(row)
      }
      return { fresh, changed, gone }
    },
    settle() {
      for (const entry of entries.values()) {
        entry.stored = entry.row !== null
        entry.changed = false
      }
    },
    clear: () => entries.clear(),
  }
}
