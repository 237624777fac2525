import type { KeyValue, RawRow, TableQuery } from './drivers/table-driver.ts'
import { type EntityKey, entityKey, keyText } from './entity-key.ts'
import type { EntityOperation } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { type PresentOptions, presentRows } from './present-rows.ts'
import type { Part, Slot } from './slots.ts'
import { type TablePlace, type TablePlan, planTable } from './table-plan.ts'

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

export interface TableViewOptions extends PresentOptions {
  place: TablePlace
}

export function createTableView(options: TableViewOptions): TableView {
  const { mapping, place } = options
  const key = entityKey(mapping)
  const plans = new WeakMap<EntityOperation, TablePlan>()
  const present = presentRows(options)

  function planOf(operation: EntityOperation): TablePlan {
    const known = plans.get(operation)
    if (known) return known
    const made = planTable(operation, mapping, key, place)
    plans.set(operation, made)
    return made
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
          return present(plan, slots, (position) => known.get(texts[position] ?? ''), caller)
        },
      }
    },
  }
}

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
