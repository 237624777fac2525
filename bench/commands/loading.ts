import { z } from 'zod'
import { type Child, startChild } from '../support/child.ts'
import { median, percentile } from '../support/numbers.ts'
import type { Bench } from '../support/stack.ts'
import { serviceFlags } from '../support/service-flags.ts'

const SHORT = 10
const LONG = 10_000

export interface LoadingOptions {
  /** How many aggregates of either length. */
  aggregates: number
}

const Activation = z.object({ ms: z.number(), version: z.int(), snapshotVersion: z.int() })

/**
 * How long a service that has just started takes for an aggregate of 10 events, and for one of 10,000 with a snapshot.
 * The long ones are written side by side, a commit an event, so that the events of one stand all over the stream; the
 * short ones after them, side by side too.
 */
export async function measureLoading(bench: Bench, { aggregates }: LoadingOptions) {
  const { url } = await bench.nats()
  const service = bench.closing(
    await startChild(new URL('service.child.ts', import.meta.url), { url }, serviceFlags()),
  )
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), { url }))
  // Not all of them end with a snapshot: up to 199 events come after it.
  const lengths = Array.from({ length: aggregates }, (_, at) => LONG + Math.floor((at * 200) / aggregates))
  await write(client, 'long', lengths)
  const shorts = Array.from({ length: aggregates }, () => SHORT)
  await write(client, 'short', shorts)
  await client.stop()
  // Snapshots that are due are written before it ends.
  await service.stop()

  const fresh = bench.closing(await startChild(new URL('loading.child.ts', import.meta.url), { url }))
  for (let at = 0; at < 2 * aggregates; at++) await load(fresh, at % 2 ? 'short' : 'long', at >> 1)
  const short: number[] = []
  const long: number[] = []
  let snapshots = 0
  // Nothing of an aggregate is kept between two loads, so that each may be loaded ten times, to be sure of the numbers.
  for (let at = 0; at < 10 * aggregates; at++) {
    short.push((await load(fresh, 'short', at % aggregates)).ms)
    const loaded = await load(fresh, 'long', at % aggregates)
    if (loaded.snapshotVersion > 0) snapshots++
    long.push(loaded.ms)
  }
  await fresh.stop()
  return {
    aggregates,
    shortMs: { p50: median(short), p99: percentile(short, 0.99) },
    longMs: { p50: median(long), p99: percentile(long, 0.99) },
    ratios: Array.from({ length: 10 }, (_, pass) => {
      const of = (all: number[]) => median(all.slice(pass * aggregates, (pass + 1) * aggregates))
      return of(long) / of(short)
    }),
    loadedFromSnapshot: snapshots / long.length,
  }
}

async function load(child: Child, kind: string, at: number) {
  return Activation.parse(await child.call(`${kind}-${at}-one`))
}

/** Customers with so many events each: the first is the registration, and each comes with a command of its own. */
async function write(client: Child, kind: string, lengths: readonly number[]): Promise<void> {
  const runs = lengths.map((_, at) => `${kind}-${at}`)
  const failures = z
    .array(z.string())
    .parse(await client.call({ write: runs.map((run, at) => ({ run, events: lengths[at] ?? 0 })) }))
  if (failures.length > 0) throw new Error(`Writing failed: ${failures[0]}`)
}
