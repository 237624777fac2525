import { startChild } from '../support/child.ts'
import type { LoadResult } from '../support/load.ts'
import { spreadOf } from '../support/numbers.ts'
import { profiling } from '../support/profiling.ts'
import { progress } from '../support/progress.ts'
import type { Bench } from '../support/stack.ts'
import { type Comparison, milliseconds, perSecond } from '../support/table.ts'
import type { Traffic } from '../support/traffic.ts'
import { serviceFlags } from '../support/service-flags.ts'
import type { Way } from './client.child.ts'
import { runOn } from './run.ts'

const IN_FLIGHT = [1, 64, 256]

/** What one round measures, in this order; the next round again. */
const CASES: { way: Way; traffic: Traffic }[] = [
  { way: 'publish', traffic: 'addresses' },
  { way: 'commands', traffic: 'addresses' },
  { way: 'request', traffic: 'addresses' },
  { way: 'commands', traffic: 'one-address' },
  { way: 'publish', traffic: 'orders' },
  { way: 'commands', traffic: 'orders' },
  { way: 'request', traffic: 'orders' },
]

interface Measured extends LoadResult {
  way: Way
  traffic: Traffic
  inFlight: number
  round: number
}

export interface ThroughputOptions {
  rounds: number
  durationMs: number
}

/** Our commands against bare publishes with an expected sequence, interleaved in rounds. */
export async function measureThroughput(bench: Bench, { rounds, durationMs }: ThroughputOptions) {
  const { url } = await bench.nats()
  const service = bench.closing(
    await startChild(new URL('service.child.ts', import.meta.url), { url }, [
      ...serviceFlags(),
      ...profiling(),
    ]),
  )
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), { url }))
  const measured: Measured[] = []
  // Round 0 only makes everything warm.
  for (let round = 0; round <= rounds; round++) {
    for (const inFlight of IN_FLIGHT) {
      for (const { way, traffic } of CASES) {
        const shape = { inFlight, warmUpMs: durationMs / 4, durationMs }
        // One hot customer for the whole benchmark: its history, and its memory of command ids, only grow.
        const run = traffic === 'one-address' ? 'hot' : `${way}-${inFlight}-${round}`
        const load = await runOn(client, { way, traffic, run, shape })
        if (round > 0) measured.push({ ...load, way, traffic, inFlight, round })
        progress(`round ${round} of ${rounds}: ${way} ${traffic} ${inFlight}: ${perSecond(load.rate)}`)
      }
    }
  }
  await client.stop()
  await service.stop()
  return { measured, comparisons: compare(measured) }
}

function compare(measured: Measured[]): Comparison[] {
  const comparisons: Comparison[] = []
  const texts = {
    addresses: 'spread over 1,000 aggregates',
    'one-address': 'on one aggregate',
    orders: 'orders, 1,000 at a time, each new after 4',
  }
  for (const inFlight of IN_FLIGHT) {
    for (const traffic of ['addresses', 'one-address', 'orders'] as const) {
      // One aggregate takes one bare publish at a time by nature: the limit is the one of as many in flight, spread.
      const limit = traffic === 'one-address' ? 'addresses' : traffic
      const ours = measured.filter(
        (one) => one.way === 'commands' && one.traffic === traffic && one.inFlight === inFlight,
      )
      const bare = bestBare(measured, limit, inFlight)
      if (ours.length === 0) continue
      const failures = ours.reduce((sum, { failed }) => sum + failed, 0)
      const goal =
        inFlight === 1
          ? undefined
          : traffic === 'one-address'
            ? { least: 0.8 }
            : traffic === 'addresses'
              ? { least: 0.4 }
              : undefined
      comparisons.push({
        what: `${inFlight} in flight, ${texts[traffic]}`,
        ratio: spreadOf(ours.map(({ rate }, at) => rate / (bare.rates[at] ?? Number.NaN))),
        goal,
        ours: perSecond(spreadOf(ours.map(({ rate }) => rate)).median),
        other: perSecond(spreadOf(bare.rates).median),
        note: failures > 0 ? `${failures} failed` : '',
      })
      if (inFlight === 1) {
        comparisons.push({
          what: `p50, 1 in flight, ${texts[traffic]}`,
          ratio: spreadOf(ours.map(({ p50 }, at) => p50 / (bare.p50s[at] ?? Number.NaN))),
          goal: traffic === 'orders' ? undefined : { most: 4 },
          ours: milliseconds(spreadOf(ours.map(({ p50 }) => p50)).median),
          other: milliseconds(spreadOf(bare.p50s).median),
        })
      }
    }
  }
  return comparisons
}

/** Of the two bare ways, in each round the one that was faster. */
function bestBare(measured: Measured[], traffic: Traffic, inFlight: number) {
  const of = (way: Way) =>
    measured.filter((one) => one.way === way && one.traffic === traffic && one.inFlight === inFlight)
  const requests = of('request')
  const pairs = of('publish').map((publish, at) => ({ publish, request: requests[at] ?? publish }))
  return {
    rates: pairs.map(({ publish, request }) => Math.max(publish.rate, request.rate)),
    p50s: pairs.map(({ publish, request }) => Math.min(publish.p50, request.p50)),
  }
}
