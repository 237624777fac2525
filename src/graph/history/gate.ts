import { OverloadedError } from '../errors.ts'

/** Lets a bounded number of tasks run at a time, and a bounded number wait. */
export interface Gate {
  /** Runs the task when there is room. Throws OverloadedError, at once, when too many wait already. */
  run<T>(task: () => Promise<T>): Promise<T>
}

/**
 * @param concurrency how many run at a time
 * @param queueLimit how many may wait; without a bound, a slow log would turn into memory that grows
 */
export function createGate(concurrency: number, queueLimit: number): Gate {
  const waiting: (() => void)[] = []
  let running = 0

  return {
    async run(task) {
      if (running < concurrency) running++
      else {
        if (waiting.length >= queueLimit) throw new OverloadedError()
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      try {
        return await task()
      } finally {
        // The place goes straight to the next one, so that nobody who comes meanwhile can take it.
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}
