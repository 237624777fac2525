import { type OpenTableDriverOptions, openTableDriver } from '../../src/graph/strategies/drivers/open.ts'

/** For tests that want no time-out: a busy machine may take longer than what the defaults allow a table. */
export const patient = { timeoutMs: 60_000 }

export function openPatiently(options: OpenTableDriverOptions) {
  return openTableDriver({ connectTimeoutMs: 60_000, statementTimeoutMs: 60_000, ...options })
}
