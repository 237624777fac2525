/** Knows what is under way, so that it can be waited for. */
export interface Tracker {
  readonly isClosed: boolean
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves when nothing is under way any more. Each piece of work has a limit of its own. */
  close(): Promise<void>
}

export function createTracker(): Tracker {
  let count = 0
  let closing: PromiseWithResolvers<void> | undefined

  function ended(): void {
    count -= 1
    if (count === 0) closing?.resolve()
  }

  return {
    get isClosed() {
      return closing !== undefined
    },
    track(work) {
      count += 1
      return work.finally(ended)
    },
    close() {
      closing ??= Promise.withResolvers<void>()
      if (count === 0) closing.resolve()
      return closing.promise
    },
  }
}
