import type { Logger } from '../../streams/logger.ts'
import type { RawRow } from './drivers/table-driver.ts'
import type { EntityMapping, FieldMapping } from './entity-mapping.ts'
import { type Protected, protect } from './protect.ts'
import type { Part, Slot } from './slots.ts'
import type { TablePlan } from './table-plan.ts'
import type { SelectedField } from './table-selection.ts'

/** What a row's values are to the graph. Both throw UnsuitedError for what is the subgraph's to say. */
export interface RowReading {
  /** As the subgraph's answer has it. */
  shown(field: FieldMapping, raw: unknown): unknown
  /** As hooks see it. */
  needed(field: FieldMapping, raw: unknown): unknown
}

export interface PresentOptions {
  mapping: EntityMapping
  reading: RowReading
  logger: Logger | undefined
}

const NOT_FOUND: Protected = { entity: null, errors: [] }

/** Makes a function that answers slots with rows, as the subgraph would; it throws what the reading throws. */
export function presentRows({ mapping, reading, logger }: PresentOptions) {
  return (
    plan: TablePlan,
    slots: readonly Slot[],
    rowOf: (position: number) => RawRow | undefined,
    caller: unknown,
  ): Part => {
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
  ): Protected {
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
}
