import { setTimeout as delay } from 'node:timers/promises'

const FIRST_MS = 100

/** How long to wait before the next attempt, in milliseconds: doubling from 0.1 s up to `maxMs`, spread by a fifth. */
export function backoffMs(attempt: number, maxMs: number): number {
  const pause = Math.min(FIRST_MS * 2 ** Math.min(attempt, 30), maxMs)
  return Math.round(pause * (0.8 + 0.2 * Math.random()))
}

/** Waits, at most until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}

/** Waits for the promise, at most so long. Answers whether it was in time. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
