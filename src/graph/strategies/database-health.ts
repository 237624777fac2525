import { reason } from '../../projections/errors.ts'
import { withDeadline } from './deadline.ts'
import type { TableDriver } from './drivers/table-driver.ts'
import type { GuardedStep } from './guarded-step.ts'

const PING_TIMEOUT_MS = 2000

/** Whether the database behind some steps answers. */
export interface DatabaseHealth {
  readonly subgraph: string
  readonly strategy: 'direct-db' | 'fdw'
  readonly ok: boolean
  readonly durationMs: number
  /** Why not, for the log and for whoever runs the service; without user, password and address. */
  readonly reason?: string
}

/** Asks each database once, all at the same time. */
export function pingDrivers(
  steps: readonly GuardedStep[],
  timeoutMs = PING_TIMEOUT_MS,
): Promise<DatabaseHealth[]> {
  const drivers = new Map<TableDriver, Pick<DatabaseHealth, 'subgraph' | 'strategy'>>()
  for (const guarded of steps) {
    const { step } = guarded
    if ('subgraph' in step) continue
    drivers.set(step.driver, { subgraph: guarded.status().subgraph, strategy: step.strategy })
  }
  return Promise.all(
    [...drivers].map(async ([driver, whose]) => {
      const started = performance.now()
      const why = await withDeadline(timeoutMs, undefined, (signal) => driver.ping(signal)).then(
        () => undefined,
        reason,
      )
      const durationMs = performance.now() - started
      return { ...whose, ok: why === undefined, durationMs, ...(why !== undefined && { reason: why }) }
    }),
  )
}
