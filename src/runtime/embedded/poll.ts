import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  timeoutMs: number
  /** Between two looks. Short: the conditions here are a file read or a signal 0, which cost microseconds. */
  everyMs?: number
}

/** Looks until the condition gives something other than `undefined` or `false`; `undefined` when the time is over. */
export async function until<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs, everyMs = 10 }: Patience,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const met = await condition()
    if (met !== undefined && met !== false) return met
    if (performance.now() >= deadline) return undefined
    await delay(everyMs)
  }
}
