import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'
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

/** Hears of the events of a batch that are left out, by their index in it. */
export interface EventParking {
  /** It could not be applied. */
  poison(index: number, cause: unknown): void
  /** It stands behind one of the same aggregate that is left out. */
  queue(index: number): void
}

/**
 * The keys of the rows that the events go to, each once.
 *
 * @param parking given when the batch is folded with one, which then hears of events whose key cannot be had
 * @throws BatchEventError when `key` throws, and there is no parking
 */
export function keysOf(
  definition: FoldProjection,
  events: readonly RecordedEvent[],
  parking?: EventParking,
): string[] {
  const keys = new Set<string>()
  for (let index = 0; index < events.length; index++) {
    const event = events[index]
    if (!event || !definition.handles(event.type)) continue
    try {
      keys.add(keyOf(definition, event))
    } catch (cause) {
      if (!parking) throw new BatchEventError(index, cause)
    }
  }
  return [...keys]
}

/** The rows that events are folded into. */
export interface Rows {
  /** The row of a key as it is now, null for none. */
  get(key: string): Row | null
  set(key: string, row: Row | null): void
}

/**
 * Folds events into rows, in order. An event cannot be applied when `key` or `evolve` throws, or when its row does not fit
 * the columns.
 *
 * @param parking hears of such an event and of later ones of its aggregate; the rows are those without them
 * @throws BatchEventError for the first such event, when there is no parking
 */
export function foldInto(
  definition: FoldProjection,
  rows: Rows,
  events: readonly RecordedEvent[],
  parking?: EventParking,
): void {
  const check = rowCheck(definition)
  const blocked = new Set<string>()
  // By index: an iterator of entries makes two objects for each event, and a rebuild folds millions.
  for (let index = 0; index < events.length; index++) {
    const event = events[index]
    if (!event || !definition.handles(event.type)) continue
    if (blocked.size > 0 && blocked.has(ownerOf(event))) {
      parking?.queue(index)
      continue
    }
    try {
      const key = keyOf(definition, event)
      const before = rows.get(key)
      const after = definition.evolve(before, event)
      rows.set(key, after === null ? null : check(key, before, after))
    } catch (cause) {
      if (!parking) throw new BatchEventError(index, cause)
      parking.poison(index, cause)
      blocked.add(ownerOf(event))
    }
  }
}

/**
 * The same as a pure function. `rows` holds those of the keys that exist, as they were read; the result is the same however
 * a sequence of events is cut into batches.
 */
export function foldBatch(
  definition: FoldProjection,
  rows: ReadonlyMap<string, Row>,
  events: readonly RecordedEvent[],
  parking?: EventParking,
): RowChanges {
  const touched = new Map<string, Row | null>()
  const store: Rows = {
    get(key) {
      const known = touched.get(key)
      return known === undefined ? (rows.get(key) ?? null) : known
    },
    set: (key, row) => void touched.set(key, row),
  }
  foldInto(definition, store, events, parking)
  const changes: RowChanges = { upserts: [], deletes: [] }
  for (const [key, row] of touched) {
    if (row) changes.upserts.push(row)
    else if (rows.has(key)) changes.deletes.push(key)
  }
  return changes
}

/** What the order of events holds for. */
export function ownerOf({ aggregate, aggregateId }: RecordedEvent): string {
  return `${aggregate}.${aggregateId}`
}

function keyOf(definition: FoldProjection, event: RecordedEvent): string {
  const key: unknown = definition.keyOf(event)
  if (typeof key !== 'string' || key.includes('\0'))
    throw new TypeError('The key is not a string that can be stored')
  return key
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
    for (const name in row) {
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
