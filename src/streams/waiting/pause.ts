import { setTimeout as delay } from 'node:timers/promises'

/** Waits, in milliseconds, at most until the signal; it never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
