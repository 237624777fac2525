import { type OpenTableDriverOptions, openTableDriver } from './drivers/open.ts'
import type { StepSettings } from './limits.ts'
import type { DirectStep } from './step.ts'

/**
 * A step that reads a subgraph's own tables, one statement a type and request, through the database's own driver.
 *
 * The fastest way to rows of another process. The tables become part of the contract between two services: whoever owns them
 * has to know that they are read.
 *
 * @throws DatabaseUrlError, DatabaseDriverMissingError
 */
export async function directStep(
  options: OpenTableDriverOptions,
  settings?: StepSettings,
): Promise<DirectStep> {
  const driver = await openTableDriver(options)
  return { strategy: 'direct-db', driver, ...(settings && { settings }) }
}
