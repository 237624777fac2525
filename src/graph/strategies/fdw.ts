import type { TableDriver } from './drivers/table-driver.ts'
import { fdwSchemaOf } from './fdw-setup.ts'
import type { StepSettings } from './limits.ts'
import type { ForeignStep } from './step.ts'

/**
 * A step that reads a remote subgraph's tables through postgres_fdw.
 *
 * Unlike `direct-db` the gateway needs no way to the remote database, nor its password: the service's own PostgreSQL has
 * both. It costs one more hop, and waits in two databases when the remote one stalls.
 *
 * @param driver on the service's own PostgreSQL, with a pool for this alone: a remote database that stalls must not hold the
 *   connections that projections are read with
 */
export function fdwStep(
  subgraph: string,
  driver: TableDriver,
  { schema = fdwSchemaOf(subgraph), settings }: { schema?: string; settings?: StepSettings } = {},
): ForeignStep {
  return { strategy: 'fdw', driver, schema, ...(settings && { settings }) }
}
