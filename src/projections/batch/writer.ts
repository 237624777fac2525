import type { Kysely } from 'kysely'
import type { ClientBase } from 'pg'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import { isTransientInDatabase } from '../errors.ts'
import { BatchEventError, type EventParking, foldBatch, keysOf, ownerOf } from './fold-batch.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { anyTables } from '../tables/prepare-table.ts'
import type { ProjectionDefinition, FoldProjection, SqlProjection } from '../definition/definition.ts'
import { rowTable } from './row-table.ts'

/** Where a batch is written: one transaction, as the driver's connection and as Kysely's. */
export interface Writing {
  client: ClientBase
  tx: Parameters<Parameters<ReturnType<Kysely<KernelTables>['transaction']>['execute']>[0]>[0]
}

/**
 * Applies decoded events to a table, within a transaction.
 *
 * A fold tells `parking` of events that cannot be applied, and goes on with the others. Statements can do so only one by
 * one (`writeOneByOne`): theirs, and any writer without `parking`, throws BatchEventError for the first of these events. A
 * row that PostgreSQL refuses is an error of the driver's, of no event in particular.
 */
export type Writer = (writing: Writing, events: RecordedEvent[], parking?: EventParking) => Promise<void>

/** @param table the live one of the projection, or another of the same shape beside it */
export function createWriter(projection: ProjectionDefinition, table: string): Writer {
  return projection.kind === 'fold' ? foldWriter(projection, table) : sqlWriter(projection, table)
}

function foldWriter(projection: FoldProjection, table: string): Writer {
  const rows = rowTable(projection, table)
  return async ({ client }, events, parking) => {
    const keys = keysOf(projection, events, parking)
    const before = keys.length > 0 ? await rows.read(client, keys) : new Map()
    await rows.write(client, foldBatch(projection, before, events, parking))
  }
}

function sqlWriter(projection: SqlProjection, table: string): Writer {
  return async ({ client, tx }, events) => {
    for (const [index, event] of events.entries()) {
      try {
        await projection.apply(event, anyTables(tx), table)
      } catch (error) {
        // A lost connection says nothing about the event.
        throw isTransientInDatabase(error) ? error : new BatchEventError(index, error)
      }
    }
    // A handler that catches what a statement of its throws has ended the transaction all the same, and the COMMIT of one
    // that has failed would say nothing.
    await client.query('select')
  }
}

/**
 * The same with a savepoint an event, which finds the ones that cannot be applied, whatever the reason, and goes on with the
 * others. About five statements an event: for a batch that has failed.
 */
export async function writeOneByOne(
  write: Writer,
  writing: Writing,
  events: RecordedEvent[],
  parking: EventParking,
): Promise<void> {
  const { client } = writing
  const blocked = new Set<string>()
  for (const [index, event] of events.entries()) {
    if (blocked.has(ownerOf(event))) {
      parking.queue(index)
      continue
    }
    await client.query('savepoint one')
    try {
      await write(writing, [event])
    } catch (error) {
      if (!(error instanceof BatchEventError) && isTransientInDatabase(error)) throw error
      await client.query('rollback to savepoint one')
      parking.poison(index, error instanceof BatchEventError ? error.cause : error)
      blocked.add(ownerOf(event))
    }
    await client.query('release savepoint one')
  }
}
