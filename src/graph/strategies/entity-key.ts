import { type EntityMapping, type ValueKind, keyKind } from './entity-mapping.ts'
import type { KeyValue, RawRow } from './drivers/table-driver.ts'
import { shown } from './values.ts'

/** How representations and rows are matched. */
export interface EntityKey {
  readonly columns: readonly string[]
  /** The key of a representation; undefined when it is not one that a table can be asked for. */
  of(representation: Readonly<Record<string, unknown>>): readonly KeyValue[] | undefined
  /** The key of a row, in the same form. */
  ofRow(row: RawRow): readonly KeyValue[]
}

export function entityKey(mapping: EntityMapping): EntityKey {
  const parts = Object.entries(mapping.key).map(([field, column]) => ({
    field,
    column,
    kind: keyKind(mapping, field),
  }))
  if (parts.length === 0) throw new TypeError(`The mapping of ${mapping.type} has no key`)
  return {
    columns: parts.map(({ column }) => column),
    of(representation) {
      const key: KeyValue[] = []
      for (const { field, kind } of parts) {
        const value = keyValue(kind, representation[field])
        if (value === undefined) return undefined
        key.push(value)
      }
      return key
    },
    ofRow: (row) =>
      parts.map(({ column, kind }) => {
        const raw = row[column]
        // Text is what it is, in every row of every request.
        if (typeof raw === 'string' && (kind === 'id' || kind === 'text')) return raw
        return keyValue(kind, shown({ column, kind }, raw)) ?? ''
      }),
  }
}

/** Two keys are the same when this is. */
export function keyText(key: readonly KeyValue[]): string {
  return key.length === 1 ? String(key[0]) : JSON.stringify(key)
}

/** A column is compared with values of its own kind only: MySQL finds every text that is no number to be equal to 0. */
function keyValue(kind: ValueKind, value: unknown): KeyValue | undefined {
  if (kind === 'int' || kind === 'long') {
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined
  }
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' ? value : undefined
}
