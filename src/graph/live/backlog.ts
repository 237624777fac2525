/** Why nothing more comes: it was full, its source is gone, or nobody wants it any more. */
export type Ending = 'full' | 'lost' | 'left'

/** Keeps a bounded number of items between one who never waits and one who takes them, one at a time. */
export interface Backlog<Item> {
  push(item: Item, size: number): void
  /** The next item, waiting for it; or why there is none. One call at a time. */
  take(): Promise<Item | Ending>
  /** Lets go of everything; the first ending stands. */
  end(ending: Ending): void
}

export interface BacklogLimits {
  items: number
  /** The sum of the sizes; an item on its own may be larger. */
  size: number
}

/** What does not fit any more ends it, with `full`: what was in it is forgotten at once. */
export function createBacklog<Item extends object>(limits: BacklogLimits): Backlog<Item> {
  let items: { item: Item; size: number }[] = []
  let size = 0
  let ending: Ending | undefined
  let waiting: ((taken: Item | Ending) => void) | undefined

  function end(reason: Ending): void {
    if (ending !== undefined) return
    ending = reason
    items = []
    waiting?.(reason)
    waiting = undefined
  }

  return {
    push(item, itemSize) {
      if (ending !== undefined) return
      if (waiting) {
        const deliver = waiting
        waiting = undefined
        return deliver(item)
      }
      const isFull = items.length >= limits.items || (items.length > 0 && size + itemSize > limits.size)
      if (isFull) return end('full')
      items.push({ item, size: itemSize })
      size += itemSize
    },
    async take() {
      const next = items.shift()
      if (next) {
        size -= next.size
        return next.item
      }
      return ending ?? (await new Promise<Item | Ending>((resolve) => (waiting = resolve)))
    },
    end,
  }
}
