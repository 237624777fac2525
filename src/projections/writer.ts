import type { Kysely } from 'kysely'
import type { ClientBase } from 'pg'
import type { RecordedEvent } from '../streams/recorded-event.ts'
import { isTransient } from './errors.ts'
import { BatchEventError, foldBatch, keysOf } from './fold-batch.ts'
import type { KernelTables } from './kernel-tables.ts'
import { anyTables } from './prepare-table.ts'
import type { ProjectionDefinition, FoldProjection, SqlProjection } from './definition.ts'
import { rowTable } from './row-table.ts'

/** Where a batch is written: one transaction, as the driver's connection and as Kysely's. */
export interface Writing {
  client: ClientBase
  tx: Parameters<Parameters<ReturnType<Kysely<KernelTables>['transaction']>['execute']>[0]>[0]
}

/** Applies decoded events to a table, within a transaction. Throws BatchEventError for an event that cannot be applied. */
export type Writer = (writing: Writing, events: RecordedEvent[]) => Promise<void>

/** @param table the live one of the projection, or another of the same shape beside it */
export function createWriter(projection: ProjectionDefinition, table: string): Writer {
  return projection.kind === 'fold' ? foldWriter(projection, table) : sqlWriter(projection, table)
}

function foldWriter(projection: FoldProjection, table: string): Writer {
  const rows = rowTable(projection, table)
  return async ({ client }, events) => {
    const keys = keysOf(projection, events)
    if (keys.length === 0) return
    await rows.write(client, foldBatch(projection, await rows.read(client, keys), events))
  }
}

function sqlWriter(projection: SqlProjection, table: string): Writer {
  return async ({ tx }, events) => {
    for (const [index, event] of events.entries()) {
      try {
        await projection.apply(event, anyTables(tx), table)
      } catch (error) {
        // A lost connection says nothing about the event.
        throw isTransient(error) ? error : new BatchEventError(index, error)
      }
    }
  }
}
