import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 50

/** How long to wait before the next attempt, in milliseconds: doubling up to `maxMs`, anything from half of that to all of it. */
export function backoffMs(attempt: number, maxMs: number): number {
  const pause = Math.min(FIRST_MS * 2 ** Math.min(attempt, 30), maxMs)
  return Math.round(pause * (0.5 + 0.5 * Math.random()))
}

/** Waits, at most until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

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
