import { setTimeout as delay } from 'node:timers/promises'

/** Asks again and again until the answer is not undefined or false; fails after a bound, with what was waited for. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  ms = 50_000,
): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for ${what}`)
    await delay(20)
  }
}
