const FIRST_MS = 100

/**
 * How long to wait before the next attempt, in milliseconds: doubling from 0.1 s up to `maxMs`, and anything from half of that to
 * all of it, so that what failed together does not come again together.
 * @param attempt 0 for the first one that failed
 */
export function backoffMs(attempt: number, maxMs: number): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(attempt, 30), maxMs)
  return Math.round(longest * (0.5 + 0.5 * Math.random()))
}
