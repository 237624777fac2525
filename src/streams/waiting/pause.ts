import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits, in milliseconds, at most until the signal; it never rejects.
 * @param ref false for one that does not keep the process alive
 */
export async function pause(ms: number, signal: AbortSignal, { ref = true } = {}): Promise<void> {
  await delay(ms, undefined, { signal, ref }).catch(() => undefined)
}
