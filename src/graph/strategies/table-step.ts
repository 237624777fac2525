import type { Logger } from '../../projections/logger.ts'
import type { KeyValue, RawRow, TableDriver } from './drivers/table-driver.ts'
import { type EntityKey, entityKey, keyText } from './entity-key.ts'
import type { EntityMapping } from './entity-mapping.ts'
import type { EntityOperation } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { protect } from './protect.ts'
import type { Part, Slot } from './slots.ts'
import { type NamedField, type TablePlace, type TablePlan, planTable } from './table-plan.ts'
import { shown } from './values.ts'

type Values = Readonly<Record<string, unknown>>

/** A row: what may be shown of it, and what hooks look at. */
interface Read {
  readonly shown: Values
  readonly needed: Values
}

/** Entities of one type out of one table. */
export interface TableStep {
  /** What is to be read for these slots; undefined when the table cannot answer all that they ask for. */
  prepare(operation: EntityOperation, slots: readonly Slot[]): TableRead | undefined
}

/**
 * Reads the rows, and makes of them what the subgraph would answer. A row that is not there is null, and final.
 * Throws what `TableDriver.select` throws, and UnsuitedError for what is the subgraph's to say.
 */
export type TableRead = (caller: unknown, signal: AbortSignal) => Promise<Part>

export interface TableStepOptions {
  mapping: EntityMapping
  driver: TableDriver
  place: TablePlace
  logger: Logger | undefined
}

export function createTableStep({ mapping, driver, place, logger }: TableStepOptions): TableStep {
  const key = entityKey(mapping)
  const plans = new WeakMap<EntityOperation, TablePlan>()

  function planOf(operation: EntityOperation): TablePlan {
    const known = plans.get(operation)
    if (known) return known
    const made = planTable(operation, mapping, key, place)
    plans.set(operation, made)
    return made
  }

  function present(plan: TablePlan, { fetch, index }: Slot, row: Read, caller: unknown) {
    const entity: Record<string, unknown> = {}
    const fields: [responseKey: string, field: string][] = []
    for (const { responseKey, field, show } of plan.selections.get(fetch) ?? []) {
      entity[responseKey] = show(field === undefined ? undefined : row.shown[field])
      if (field !== undefined) fields.push([responseKey, field])
    }
    const path = [fetch.responseKey, index]
    return protect(mapping, caller, { entity, values: row.needed, fields, path }, logger)
  }

  return {
    prepare(operation, slots) {
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
      if (asked.size * key.columns.length > driver.maxKeyValues) return undefined
      return async (caller, signal) => {
        const rows = await driver.select(plan.query, [...asked.values()], signal)
        const found = byKey(rows, key, asked)
        const known = new Map<string, Read>()
        for (const [text, row] of found) {
          known.set(text, { shown: valuesOf(plan.fields, row), needed: valuesOf(plan.needed, row) })
        }
        const shownRows = slots.map((slot, position) => {
          const row = known.get(texts[position] ?? '')
          return row ? present(plan, slot, row, caller) : NOT_FOUND
        })
        return {
          values: shownRows.map(({ entity }) => entity),
          errors: shownRows.flatMap(({ errors }) => errors),
        }
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

function valuesOf(fields: readonly NamedField[], row: RawRow): Values {
  return Object.fromEntries(fields.map(([name, field]) => [name, shown(field, row[field.column])]))
}
