import type { Resolution } from '../gateway/subgraph.ts'

/** Upper bounds of the latency buckets, in seconds; Prometheus' own, with finer ones for what a table answers in. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const MAX_SERIES = 2000

/** The latencies of one (subgraph, type, strategy, outcome), as a Prometheus histogram is exposed. */
export interface ResolutionSeries {
  /** `type` is empty for root fields. */
  readonly labels: {
    readonly subgraph: string
    readonly type: string
    readonly strategy: string
    readonly outcome: string
  }
  readonly count: number
  readonly sumSeconds: number
  /** Cumulative; the last one is `+Inf` and has them all. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[]
}

export interface ResolutionMetrics {
  record(resolution: Resolution): void
  snapshot(): ResolutionSeries[]
}

/**
 * Counts how long steps took, in memory. Past 2,000 series the types are no longer told apart: a schema has fewer, and
 * what is bounded stays bounded.
 */
export function createResolutionMetrics({ maxSeries = MAX_SERIES } = {}): ResolutionMetrics {
  const series = new Map<string, { labels: ResolutionSeries['labels']; counts: number[]; sum: number }>()

  function find({ subgraph, type = '', strategy, outcome }: Resolution) {
    const key = `${subgraph} ${type} ${strategy} ${outcome}`
    const found = series.get(key)
    if (found) return found
    if (series.size >= maxSeries && type !== 'other') {
      return find({ subgraph, type: 'other', strategy, outcome, durationMs: 0 })
    }
    const labels = { subgraph, type, strategy, outcome }
    const made = { labels, counts: Array.from({ length: BOUNDS.length + 1 }, () => 0), sum: 0 }
    series.set(key, made)
    return made
  }

  return {
    record(resolution) {
      const seconds = resolution.durationMs / 1000
      const one = find(resolution)
      const index = BOUNDS.findIndex((bound) => seconds <= bound)
      const bucket = index === -1 ? BOUNDS.length : index
      one.counts[bucket] = (one.counts[bucket] ?? 0) + 1
      one.sum += seconds
    },
    snapshot: () =>
      [...series.values()].map(({ labels, counts, sum }) => {
        let count = 0
        const buckets = counts.map((own, index) => ({
          le: BOUNDS[index] ?? Infinity,
          count: (count += own),
        }))
        return { labels, count, sumSeconds: sum, buckets }
      }),
  }
}
