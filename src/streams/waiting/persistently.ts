import { backoffMs } from './backoff.ts'
import { pause } from './pause.ts'

/** Does what changes nothing when it is repeated, until it succeeds. Rejects with the last failure once the signal comes. */
export async function persistently<T>(
  attempt: () => Promise<T>,
  { signal, maxMs, onFailure }: { signal: AbortSignal; maxMs: number; onFailure: (error: unknown) => void },
): Promise<T> {
  for (let attempts = 0; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted) throw error
      onFailure(error)
      await pause(backoffMs(attempts, maxMs), signal)
    }
  }
}
