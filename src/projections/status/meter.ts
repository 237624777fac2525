/** Time over which a change of the rate shows, in milliseconds. */
const WINDOW_MS = 5000

/** Events a second, as an average that forgets exponentially. */
export function createMeter(now: () => number = () => performance.now()) {
  let rate = 0
  let last = now()
  const settle = () => {
    const at = now()
    rate *= Math.exp((last - at) / WINDOW_MS)
    last = at
  }
  return {
    add(count: number): void {
      settle()
      rate += (count * 1000) / WINDOW_MS
    },
    perSecond(): number {
      settle()
      return rate
    },
  }
}
