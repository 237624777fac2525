import type { Enlisted } from './enlisted.ts'

/** What a round may have at most. One transaction is always taken, whatever its size. */
export interface RoundSize {
  transactions: number
  aggregates: number
  bytes: number
}

/**
 * Takes a round out of those that wait, in their order. Whoever needs an aggregate that is awaited is passed over: the others
 * need not wait for it.
 */
export function takeRound(
  waiting: readonly Enlisted[],
  size: RoundSize,
  isAwaited: (key: string) => boolean,
): { taken: Enlisted[]; left: Enlisted[] } {
  const taken: Enlisted[] = []
  const left: Enlisted[] = []
  const keys = new Set<string>()
  let bytes = 0
  let isFull = false
  for (const one of waiting) {
    if (isFull || one.participants.some(({ key }) => isAwaited(key))) {
      left.push(one)
      continue
    }
    const added = one.participants.filter(({ key }) => !keys.has(key)).length
    isFull =
      taken.length >= size.transactions ||
      (taken.length > 0 && (keys.size + added > size.aggregates || bytes + one.command.bytes > size.bytes))
    if (isFull) {
      left.push(one)
      continue
    }
    taken.push(one)
    bytes += one.command.bytes
    for (const { key } of one.participants) keys.add(key)
  }
  return { taken, left }
}
