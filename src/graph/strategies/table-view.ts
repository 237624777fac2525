import type { Logger } from '../../streams/logger.ts'
import type { KeyValue, RawRow, TableQuery } from './drivers/table-driver.ts'
import { type EntityKey, entityKey, keyText } from './entity-key.ts'
import type { EntityMapping, FieldMapping } from './entity-mapping.ts'
import type { EntityOperation } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { protect } from './protect.ts'
import type { Part, Slot } from './slots.ts'
import { type TablePlace, type TablePlan, planTable } from './table-plan.ts'
import type { SelectedField } from './table-selection.ts'

/** What a row's values are to the graph. Both throw UnsuitedError for what is the subgraph's to say. */
export interface RowReading {
  /** As the subgraph's answer has it. */
  shown(field: FieldMapping, raw: unknown): unknown
  /** As hooks see it. */
  needed(field: FieldMapping, raw: unknown): unknown
}

/** Entities of one type, as a table shows them. */
export interface TableView {
  /** What is to be read for these slots; undefined when the table cannot answer all that they ask for. */
  ask(operation: EntityOperation, slots: readonly Slot[]): TableAsk | undefined
}

export interface TableAsk {
  readonly query: TableQuery
  /** Each key once, its values in the order of the key's columns. */
  readonly keys: readonly (readonly KeyValue[])[]
  /**
   * Makes of the rows with these keys what the subgraph would answer. A row that is not there is null, and final.
   * @throws UnsuitedError for what is the subgraph's to say
   */
  present(rows: readonly RawRow[], caller: unknown): Part
}

export interface TableViewOptions {
  mapping: EntityMapping
  place: TablePlace
  reading: RowReading
  logger: Logger | undefined
}

export function createTableView({ mapping, place, reading, logger }: TableViewOptions): TableView {
  const key = entityKey(mapping)
  const plans = new WeakMap<EntityOperation, TablePlan>()

  function planOf(operation: EntityOperation): TablePlan {
    const known = plans.get(operation)
    if (known) return known
    const made = planTable(operation, mapping, key, place)
    plans.set(operation, made)
    return made
  }

  function entityOf(selection: readonly SelectedField[], row: RawRow): Record<string, unknown> {
    const entity: Record<string, unknown> = {}
    for (const { responseKey, mapped, show } of selection)
      entity[responseKey] = show(mapped && reading.shown(mapped, row[mapped.column]))
    return entity
  }

  function protectedOf(
    { selections, needed }: TablePlan,
    { fetch, index }: Slot,
    row: RawRow,
    caller: unknown,
  ) {
    const selection = selections.get(fetch) ?? []
    const entity = entityOf(selection, row)
    const values = Object.fromEntries(
      needed.map(([name, field]) => [name, reading.needed(field, row[field.column])]),
    )
    const fields = selection.flatMap(({ responseKey, field }): [string, string][] =>
      field === undefined ? [] : [[responseKey, field]],
    )
    return protect(mapping, caller, { entity, values, fields, path: [fetch.responseKey, index] }, logger)
  }

  return {
    ask(operation, slots) {
      const plan = planOf(operation)
      const asked = new Map<string, readonly KeyValue[]>()
      const texts: string[] = []
      for (const { fetch, representation } of slots) {
        const own = plan.selections.has(fetch) ? key.of(representation) : undefined
        if (!own) return undefined
        const text = keyText(own)
        asked.set(text, own)
        texts.push(text)
      }
      return {
        query: plan.query,
        keys: [...asked.values()],
        present(rows, caller) {
          const known = byKey(rows, key, asked)
          const rowOf = (position: number) => known.get(texts[position] ?? '')
          if (!mapping.authorize) {
            const shown = slots.map(({ fetch }, position) => {
              const row = rowOf(position)
              return row ? entityOf(plan.selections.get(fetch) ?? [], row) : null
            })
            return { values: shown, errors: [] }
          }
          const shown = slots.map((slot, position) => {
            const row = rowOf(position)
            return row ? protectedOf(plan, slot, row, caller) : NOT_FOUND
          })
          return {
            values: shown.map(({ entity }) => entity),
            errors: shown.flatMap(({ errors }) => errors),
          }
        },
      }
    },
  }
}

const NOT_FOUND = { entity: null, errors: [] }

/** What was not asked for in just this spelling, a collation has found: the subgraph is to say whether it is the same. */
function byKey(
  rows: readonly RawRow[],
  key: EntityKey,
  asked: ReadonlyMap<string, unknown>,
): Map<string, RawRow> {
  const found = new Map<string, RawRow>()
  for (const row of rows) {
    const text = keyText(key.ofRow(row))
    if (!asked.has(text) || found.has(text)) {
      throw new UnsuitedError('a row whose key is not exactly one of those asked for')
    }
    found.set(text, row)
  }
  return found
}
