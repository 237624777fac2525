import { z } from 'zod'
import { Samples, percentile } from './numbers.ts'

/** How a client loads what it measures: a number in flight for a time, or for a number of requests. */
export const LoadShape = z.object({
  inFlight: z.int().positive(),
  /** Not counted: connections, caches and the compiler get warm. */
  warmUpMs: z.number().default(0),
  durationMs: z.number().optional(),
  count: z.int().optional(),
})
export type LoadShape = z.output<typeof LoadShape>

export const LoadResult = z.object({
  count: z.int(),
  failed: z.int(),
  firstFailure: z.string().optional(),
  seconds: z.number(),
  rate: z.number(),
  p50: z.number(),
  p99: z.number(),
  /** Of a single request, in milliseconds. */
  max: z.number(),
})
export type LoadResult = z.output<typeof LoadResult>

/**
 * Keeps `inFlight` requests going: a closed loop. A request answers undefined when all is well, else what went wrong.
 * Failed ones are counted, and neither in the rate nor in the latencies.
 */
export async function runLoad(
  { inFlight, warmUpMs, durationMs = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY }: LoadShape,
  request: () => Promise<string | undefined>,
): Promise<LoadResult> {
  const latencies = new Samples()
  let failed = 0
  let firstFailure: string | undefined
  const startedAt = performance.now()
  const countedFrom = startedAt + warmUpMs
  const end = countedFrom + durationMs
  let lastEnd = countedFrom
  let begun = 0
  const worker = async () => {
    for (let now = performance.now(); now < end && begun < count;) {
      begun++
      const failure = await request().catch(reason)
      const done = performance.now()
      if (failure !== undefined) {
        failed++
        firstFailure ??= failure
      } else if (done >= countedFrom && done <= end) {
        latencies.add(done - now)
        lastEnd = done
      }
      now = done
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { values } = latencies
  const seconds = (Math.min(Math.max(lastEnd, countedFrom), end) - countedFrom) / 1000
  return {
    count: values.length,
    failed,
    ...(firstFailure !== undefined && { firstFailure }),
    seconds,
    rate: values.length / seconds,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))
