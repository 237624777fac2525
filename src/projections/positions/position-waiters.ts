import type { Position } from '../../streams/events/commit.ts'
import { TooManyWaitingError } from './position-errors.ts'

/** Those who wait for a projection to reach a position. */
export interface PositionWaiters {
  readonly size: number
  /**
   * Resolves with true when `reached` says so, with false when the time is up.
   * @throws TooManyWaitingError
   */
  wait(projection: string, wanted: Position, timeoutMs: number): Promise<boolean>
  /** Wakes those whose position is reached. */
  reached(projection: string, stream: string, sequence: number): void
  /** Tells everybody that the time is up. */
  close(): void
}

interface Waiter {
  wanted: Position
  settle: (inTime: boolean) => void
}

/** @param limit how many may wait at a time */
export function createPositionWaiters(limit: number): PositionWaiters {
  const byProjection = new Map<string, Set<Waiter>>()
  let size = 0

  return {
    get size() {
      return size
    },
    async wait(projection, wanted, timeoutMs) {
      if (size >= limit) throw new TooManyWaitingError()
      const waiters = byProjection.get(projection) ?? new Set()
      byProjection.set(projection, waiters)
      size++
      return await new Promise<boolean>((resolve) => {
        const waiter: Waiter = {
          wanted,
          settle: (inTime) => {
            clearTimeout(timer)
            waiters.delete(waiter)
            size--
            resolve(inTime)
          },
        }
        const timer = setTimeout(() => waiter.settle(false), timeoutMs)
        waiters.add(waiter)
      })
    },
    reached(projection, stream, sequence) {
      for (const { wanted, settle } of byProjection.get(projection) ?? []) {
        if (wanted.stream === stream && wanted.sequence <= sequence) settle(true)
      }
    },
    close() {
      for (const waiters of byProjection.values()) for (const { settle } of waiters) settle(false)
    },
  }
}
