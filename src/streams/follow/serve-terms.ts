import { backoffMs } from '../waiting/backoff.ts'
import { pause } from '../waiting/pause.ts'
import { isTransient } from '../waiting/transient.ts'
import { acquireLease } from './lease.ts'
import { serveTerm } from './term.ts'
import type { TermOptions } from './term-options.ts'

/** Waits for the lease, serves a term with it and gives it back, again and again until the signal. A term that fails is begun anew. */
export async function serveTerms<Value>(options: Omit<TermOptions<Value>, 'lease'>): Promise<void> {
  const { store, keys, settings, label, holder, figures, signal, logger } = options
  const onFailure = (error: unknown) =>
    logger.debug({ err: error, follower: label }, 'the lease could not be read or renewed')

  for (let failures = 0; !signal.aborted;) {
    const lease = await acquireLease(
      { store, key: keys.lease, holder, times: settings.lease, onFailure },
      signal,
    )
    if (!lease) return
    const since = Date.now()
    try {
      await serveTerm({ ...options, lease })
      failures = 0
      figures.state = 'standby'
    } catch (error) {
      // One that went well for a while begins again with short pauses.
      failures = Date.now() - since > settings.retryMaxMs ? 1 : failures + 1
      figures.lastError = error instanceof Error ? error.message : String(error)
      figures.state = isTransient(error) ? 'standby' : 'halted'
      if (isTransient(error))
        logger.warn({ err: error, follower: label }, `${label} was interrupted; it begins again`)
      else logger.error({ err: error, follower: label }, `${label} cannot go on; it tries again`)
    }
    await lease.release()
    if (failures > 0) await pause(backoffMs(failures, settings.retryMaxMs), signal)
  }
}
