import { z } from 'zod'

/** The value that a share `p` (0 to 1) of the samples does not exceed: nearest rank. */
export function percentile(samples: readonly number[] | Float64Array, p: number): number {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The median of what several rounds gave, and how far they were apart. */
export const Spread = z.object({ median: z.number(), min: z.number(), max: z.number() })
export type Spread = z.output<typeof Spread>

export function spreadOf(samples: readonly number[]): Spread {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) }
}

/** Samples of which there may be millions: a list of numbers in one piece of memory. */
export class Samples {
  #values = new Float64Array(4096)
  #size = 0

  add(value: number): void {
    if (this.#size === this.#values.length) {
      const wider = new Float64Array(this.#size * 2)
      wider.set(this.#values)
      this.#values = wider
    }
    this.#values[this.#size++] = value
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#size)
  }
}
