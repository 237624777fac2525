import { setTimeout as delay } from 'node:timers/promises'
import type { LoadResult } from './load.ts'
import { Samples, percentile } from './numbers.ts'

/** How an open loop loads what it measures. */
export interface OpenLoadShape {
  /** Requests a second. */
  rate: number
  durationMs: number
}

/**
 * Sends requests at a fixed rate, each when it is due, whether or not earlier ones were answered: an open loop. Latencies
 * count from the moment that a request was due, so that a stall, also one of the client, is in all that it held up. A request
 * answers undefined when all is well, else what went wrong; failed ones are counted, and are not in the latencies.
 */
export async function runOpenLoad(
  { rate, durationMs }: OpenLoadShape,
  request: () => Promise<string | undefined>,
): Promise<LoadResult> {
  const latencies = new Samples()
  const pending = new Set<Promise<void>>()
  let failed = 0
  let firstFailure: string | undefined
  const startedAt = performance.now()
  const end = startedAt + durationMs

  async function send(due: number): Promise<void> {
    const failure = await request().catch(String)
    if (failure !== undefined) {
      failed++
      firstFailure ??= failure
    } else latencies.add(performance.now() - due)
  }

  for (let sent = 0, now = startedAt; now < end; now = performance.now()) {
    for (; startedAt + (sent * 1000) / rate <= now; sent++) {
      const sending = send(startedAt + (sent * 1000) / rate)
      pending.add(sending)
      void sending.finally(() => pending.delete(sending))
    }
    await delay(1)
  }
  await Promise.all(pending)
  const { values } = latencies
  return {
    count: values.length,
    failed,
    ...(firstFailure !== undefined && { firstFailure }),
    seconds: durationMs / 1000,
    rate: (values.length * 1000) / durationMs,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  }
}
