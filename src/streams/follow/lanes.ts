/** Work in order within a lane, side by side across lanes. */
export interface Lanes {
  /** The job has to see to its own failures. */
  add(lane: string, job: () => Promise<void>): void
  /** Resolves when nothing is in work any more. */
  settled(): Promise<void>
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>()
  return {
    add(lane, job) {
      const before = tails.get(lane)
      const own = before ? before.then(job) : job()
      tails.set(lane, own)
      const leave = () => {
        if (tails.get(lane) === own) tails.delete(lane)
      }
      void own.then(leave, leave)
    },
    async settled() {
      while (tails.size > 0) await Promise.allSettled(tails.values())
    },
  }
}
