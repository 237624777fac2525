/** How much may be in work at a time. */
export interface WindowLimits {
  items: number
  /** How many may be done behind one that is not: what a crash has handled again. */
  ahead: number
  /** In the unit of the items' size. */
  size: number
}

export const WINDOW: WindowLimits = { items: 256, ahead: 10_000, size: 16_000_000 }

/** What is in work, in the order of the stream, and how far everything is done. */
export interface Window {
  /** Everything up to here is done. */
  readonly done: number
  /** The last sequence that was taken in. */
  readonly last: number
  readonly count: number
  add(sequence: number, size: number): void
  finish(sequence: number): void
  /** There is nothing to take in up to here, behind what has been. */
  pass(sequence: number): void
  /** Resolves when there is room for one more. One reader waits at a time. */
  room(): Promise<void> | undefined
  /** Lets the reader go who waits for room. */
  close(): void
}

export function createWindow(after: number, limits: WindowLimits): Window {
  // In the order that they came in: the first is the oldest that is not done.
  const open = new Map<number, { size: number; place: number }>()
  let taken = 0
  let size = 0
  let last = after
  let wake: (() => void) | undefined

  function isFull(): boolean {
    const [oldest] = open.values()
    if (!oldest) return false
    return open.size >= limits.items || size >= limits.size || taken - oldest.place >= limits.ahead
  }

  return {
    get done() {
      const [first] = open.keys()
      return first === undefined ? last : first - 1
    },
    get last() {
      return last
    },
    get count() {
      return open.size
    },
    add(sequence, itemSize) {
      open.set(sequence, { size: itemSize, place: taken++ })
      size += itemSize
      last = sequence
    },
    finish(sequence) {
      size -= open.get(sequence)?.size ?? 0
      open.delete(sequence)
      if (!isFull()) wake?.()
    },
    pass(sequence) {
      last = Math.max(last, sequence)
    },
    room() {
      if (!isFull()) return undefined
      return new Promise((resolve) => (wake = resolve))
    },
    close: () => wake?.(),
  }
}
