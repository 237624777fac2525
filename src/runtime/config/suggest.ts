/** Letters to change, add, leave out or swap (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped =
        from[row - 2] === to[column - 1] && from[row - 1] === to[column - 2] && row > 1 && column > 1
      const cost = [
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      ]
      if (swapped) cost.push((before[column - 2] ?? 0) + 1)
      next.push(Math.min(...cost))
    }
    before = last
    last = next
  }
  return last[to.length] ?? 0
}

const normal = (name: string) => name.toLowerCase().replace(/[_-]/g, '')

/** The candidate somebody who wrote `name` most likely meant: `poolSize` and `pol_size` mean `pool_size`. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const written = normal(name)
  if (written.length > 100) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const candidate of candidates) {
    const letters = distance(written, normal(candidate))
    if (letters < least) [best, least] = [candidate, letters]
  }
  return best
}

/** `; did you mean …?` or nothing. */
export function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `, did you mean ${meant}?`
}
