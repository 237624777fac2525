import type { TableColumn, TableQuery } from './drivers/table-driver.ts'
import type { EntityKey } from './entity-key.ts'
import { type EntityMapping, type FieldMapping, neededValues } from './entity-mapping.ts'
import type { EntityFetch, EntityOperation } from './entity-operation.ts'
import { type SelectedField, tableSelection } from './table-selection.ts'

/** What an operation asks of one table: one statement, whatever the number of its fetches. */
export interface TablePlan {
  /** By fetch; those that the table cannot answer are not there. */
  readonly selections: ReadonlyMap<EntityFetch, readonly SelectedField[]>
  /** What hooks look at. */
  readonly needed: readonly NamedField[]
  readonly query: TableQuery
}

export type NamedField = readonly [name: string, mapping: FieldMapping]

/** Where a table is, which for a foreign one is not where the mapping has it. */
export interface TablePlace {
  readonly schema: string | undefined
  readonly table: string
}

export function planTable(
  operation: EntityOperation,
  mapping: EntityMapping,
  key: EntityKey,
  { schema, table }: TablePlace,
): TablePlan {
  const selections = new Map<EntityFetch, readonly SelectedField[]>()
  for (const fetch of operation.suitsTables ? operation.fetches : []) {
    const selection = tableSelection(operation, fetch, mapping)
    if (selection) selections.set(fetch, selection)
  }
  const fields = [...selections.values()].flat().flatMap(({ mapped }) => mapped ?? [])
  const needed = neededValues(mapping)
  const columns = new Map<string, TableColumn>()
  for (const { column, kind } of [...fields, ...needed.map(([, field]) => field)]) {
    columns.set(column, { column, kind })
  }
  for (const column of key.columns) {
    if (!columns.has(column)) columns.set(column, { column, kind: 'id' })
  }
  const query = { schema, table, columns: [...columns.values()], key: key.columns }
  return { selections, needed, query }
}
