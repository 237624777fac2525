/** Keeps what comes in until it is taken, in order and not without end. */
export interface BoundedQueue<Item> {
  put(item: Item): void
  /** Nothing more comes. What is in it is still taken; a failure is thrown after that. */
  end(failure?: unknown): void
  items(): AsyncGenerator<Item>
}

/** @param onFull makes what is thrown to the reader when more than `limit` items wait; they are forgotten at once */
export function createBoundedQueue<Item extends object>(
  limit: number,
  onFull: () => Error,
): BoundedQueue<Item> {
  let waiting: Item[] = []
  let ending: { failure: unknown } | undefined
  let wake: (() => void) | undefined

  function changed(): void {
    wake?.()
    wake = undefined
  }

  return {
    put(item) {
      if (ending) return
      waiting.push(item)
      if (waiting.length > limit) {
        waiting = []
        ending = { failure: onFull() }
      }
      changed()
    },
    end(failure) {
      ending ??= { failure }
      changed()
    },
    async *items() {
      for (;;) {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) yield item
        if (ending) {
          if (ending.failure !== undefined) throw ending.failure
          return
        }
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}
