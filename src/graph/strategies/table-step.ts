import type { Logger } from '../../streams/logger.ts'
import type { TableDriver } from './drivers/table-driver.ts'
import type { EntityMapping } from './entity-mapping.ts'
import type { EntityOperation } from './entity-operation.ts'
import type { Part, Slot } from './slots.ts'
import type { TablePlace } from './table-plan.ts'
import type { RowReading } from './present-rows.ts'
import { createTableView } from './table-view.ts'
import { shown } from './values.ts'

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

/** A driver gives text. */
const READING: RowReading = { shown, needed: shown }

export function createTableStep({ mapping, driver, place, logger }: TableStepOptions): TableStep {
  const view = createTableView({ mapping, place, reading: READING, logger })
  return {
    prepare(operation, slots) {
      const asked = view.ask(operation, slots)
      if (!asked) return undefined
      const { query, keys } = asked
      if (keys.length * query.key.length > driver.maxKeyValues) return undefined
      return async (caller, signal) => asked.present(await driver.select(query, keys, signal), caller)
    },
  }
}
