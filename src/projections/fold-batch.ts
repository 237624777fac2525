import type { RecordedEvent } from '../streams/recorded-event.ts'
import type { FoldProjection, Row } from './definition.ts'
import { normalised } from './value.ts'

/** What a batch changes: rows as they are to be stored, keys of rows that go. */
export interface RowChanges {
  upserts: Row[]
  deletes: string[]
}

/** The event at `index` of a batch could not be applied. */
export class BatchEventError extends Error {
  readonly index: number
  constructor(index: number, cause: unknown) {
    super(`The event ${index} of the batch cannot be applied`, { cause })
    this.index = index
  }
}

/** The keys of the rows that the events go to, each once. Throws BatchEventError when `key` does. */
export function keysOf(definition: FoldProjection, events: RecordedEvent[]): string[] {
  const keys = new Set<string>()
  for (const [index, event] of events.entries()) {
    if (definition.handles(event.type)) keys.add(keyOf(definition, event, index))
  }
  return [...keys]
}

/**
 * Folds events into rows: a pure function. `rows` holds those of the keys that exist, as they were read; the result is
 * the same however a sequence of events is cut into batches.
 *
 * @throws BatchEventError for the first event that cannot be applied: `evolve` threw, or its row does not fit the columns
 */
export function foldBatch(
  definition: FoldProjection,
  rows: ReadonlyMap<string, Row>,
  events: RecordedEvent[],
): RowChanges {
  const check = rowCheck(definition)
  const touched = new Map<string, Row | null>()
  for (const [index, event] of events.entries()) {
    if (!definition.handles(event.type)) continue
    const key = keyOf(definition, event, index)
    const known = touched.get(key)
    const before = known === undefined ? (rows.get(key) ?? null) : known
    try {
      const after = definition.evolve(before, event)
      touched.set(key, after === null ? null : check(key, before, after))
    } catch (cause) {
      throw new BatchEventError(index, cause)
    }
  }
  const changes: RowChanges = { upserts: [], deletes: [] }
  for (const [key, row] of touched) {
    if (row) changes.upserts.push(row)
    else if (rows.has(key)) changes.deletes.push(key)
  }
  return changes
}

function keyOf(definition: FoldProjection, event: RecordedEvent, index: number): string {
  try {
    const key: unknown = definition.keyOf(event)
    if (typeof key !== 'string' || key.includes('\0'))
      throw new TypeError('The key is not a string that can be stored')
    return key
  } catch (cause) {
    throw new BatchEventError(index, cause)
  }
}

/** Checks a row and brings its values to the form they are read in; those it has from the row before are so already. */
function rowCheck({ columns, keyColumn }: FoldProjection) {
  const list = Object.entries(columns)
  const names = new Set(Object.keys(columns))
  return (key: string, before: Row | null, after: Row): Row => {
    if (typeof after !== 'object') throw new TypeError('evolve has to return a row or null')
    if (after[keyColumn] !== key) {
      throw new TypeError(
        `The row's ${keyColumn} is ${String(after[keyColumn])}, but the event's key is ${key}`,
      )
    }
    let row = after
    for (const [name, column] of list) {
      const value = after[name]
      if (before && value === before[name] && value !== undefined) continue
      const stored = normalise(name, column, value)
      if (stored === value) continue
      if (row === after) row = { ...after }
      row[name] = stored
    }
    for (const name of Object.keys(row)) {
      if (!names.has(name)) throw new TypeError(`The row has a value for ${name}, which is no column`)
    }
    return row
  }
}

function normalise(name: string, column: FoldProjection['columns'][string], value: unknown): unknown {
  try {
    return normalised(column, value)
  } catch (error) {
    throw new TypeError(`The column ${name} ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
