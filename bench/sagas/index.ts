import type { Benchmark } from '../support/benchmark.ts'
import { startChild } from '../support/child.ts'
import { startRestate } from '../commands/restate.ts'
import { installPeers } from '../support/install-peers.ts'
import { LoadResult } from '../support/load.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import type { Section } from '../support/section.ts'
import { serviceFlags } from '../support/service-flags.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { milliseconds, perSecond } from '../support/table.ts'

const CHECKOUTS_GOAL = 3
const TRANSFERS_GOAL = 800
/** A checkout on Restate with 256 in flight takes seconds: fewer are enough for it to be at its best. */
const IN_FLIGHT = [1, 16, 64, 128]
const WRITES_IN_FLIGHT = 64

interface Measured extends LoadResult {
  contender: string
  what: 'checkouts' | 'transfers' | 'deposits'
  inFlight: number
  round: number
}

type Load = (what: Measured['what'], run: string, shape: object) => Promise<LoadResult>

interface Contender {
  name: string
  load: Load
}

/** Checkouts here and on Restate; transfers beside commands for single accounts. */
export const sagas: Benchmark = {
  name: 'sagas',
  what: 'checkouts a second beside the same steps on Restate; transfers beside single commands',
  async *measure({ quick }) {
    installPeers()
    const measured = await withBench((bench) => measure(bench, quick))
    yield { ...sectionOf(measured, quick), measured }
  },
}

async function measure(bench: Bench, quick: boolean): Promise<Measured[]> {
  const ours = await headwater(bench)
  const theirs = [await restate(bench, true), await restate(bench, false)]
  const rounds = quick ? 1 : 4
  const durationMs = quick ? 4000 : 6000
  const measured: Measured[] = []
  for (let round = 0; round <= rounds; round++) {
    const take = async (contender: Contender, what: Measured['what'], inFlight: number) => {
      const shape = { inFlight, warmUpMs: durationMs / 4, durationMs }
      const load = await contender.load(what, `${what}-${round}-${inFlight}`, shape)
      if (load.failed > 0) throw new Error(`${contender.name}: ${load.failed} failed, ${load.firstFailure}`)
      progress(`round ${round} of ${rounds}: ${contender.name} ${what} ${inFlight}: ${perSecond(load.rate)}`)
      if (round > 0) measured.push({ ...load, contender: contender.name, what, inFlight, round })
    }
    for (const inFlight of IN_FLIGHT) {
      for (const contender of [ours, ...theirs]) await take(contender, 'checkouts', inFlight)
    }
    await take(ours, 'transfers', WRITES_IN_FLIGHT)
    await take(ours, 'deposits', WRITES_IN_FLIGHT)
  }
  return measured
}

async function headwater(bench: Bench): Promise<Contender> {
  const { url } = await bench.nats()
  bench.closing(await startChild(new URL('service.child.ts', import.meta.url), { url }, serviceFlags()))
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), { url }))
  await client.call('prepare')
  return {
    name: 'headwater',
    load: async (what, run, shape) => LoadResult.parse(await client.call({ what, run, shape })),
  }
}

async function restate(bench: Bench, fsync: boolean): Promise<Contender> {
  const { name, url } = await startRestate(bench, fsync, 'restate-checkout.child.ts')
  const module = new URL('../peers/restate-checkout-client.child.ts', import.meta.url)
  const client = bench.closing(await startChild(module, { name, url, durability: '' }))
  await client.call('prepare')
  return { name, load: async (_, run, shape) => LoadResult.parse(await client.call({ run, shape })) }
}

function sectionOf(measured: Measured[], quick: boolean): Section {
  const of = (contender: string, what: Measured['what'], inFlight: number) =>
    measured.filter((one) => one.contender === contender && one.what === what && one.inFlight === inFlight)
  const median = (all: Measured[], value: (one: Measured) => number) => spreadOf(all.map(value)).median
  const rate = ({ rate: each }: Measured) => each
  const best = (contender: string) =>
    IN_FLIGHT.toSorted(
      (one, other) =>
        median(of(contender, 'checkouts', other), rate) - median(of(contender, 'checkouts', one), rate),
    )[0] ?? 1
  const peers = [...new Set(measured.map(({ contender }) => contender))].filter(
    (name) => name !== 'headwater',
  )
  const ratio = (mine: Measured[], its: Measured[]) =>
    spreadOf(mine.map((one, at) => one.rate / (its[at]?.rate ?? Number.NaN)))
  const ours = of('headwater', 'checkouts', best('headwater'))
  const transfers = of('headwater', 'transfers', WRITES_IN_FLIGHT)
  const deposits = of('headwater', 'deposits', WRITES_IN_FLIGHT)
  const rows = ['headwater', ...peers].flatMap((name) =>
    IN_FLIGHT.map((inFlight) => {
      const all = of(name, 'checkouts', inFlight)
      return [
        name,
        String(inFlight),
        perSecond(median(all, rate)),
        milliseconds(median(all, ({ p50 }) => p50)),
        milliseconds(median(all, ({ p99 }) => p99)),
      ]
    }),
  )
  return {
    title: 'Sagas: a checkout of six steps; transfers',
    other: 'other',
    comparisons: [
      ...peers.map((peer, at) => {
        const its = of(peer, 'checkouts', best(peer))
        return {
          what: `checkouts, against ${peer}, each at its best: ${best('headwater')} and ${best(peer)} in flight`,
          ratio: ratio(ours, its),
          ...(at === 0 && !quick && { goal: { least: CHECKOUTS_GOAL } }),
          ours: perSecond(median(ours, rate)),
          other: perSecond(median(its, rate)),
        }
      }),
      {
        what: `transfers, against the ${TRANSFERS_GOAL}/s that were asked for, ${WRITES_IN_FLIGHT} in flight`,
        ratio: spreadOf(transfers.map((one) => one.rate / TRANSFERS_GOAL)),
        goal: { least: 1 },
        ours: perSecond(median(transfers, rate)),
        other: perSecond(TRANSFERS_GOAL),
      },
      {
        what: `transfers, against deposits, ${WRITES_IN_FLIGHT} in flight`,
        ratio: ratio(transfers, deposits),
        ours: perSecond(median(transfers, rate)),
        other: perSecond(median(deposits, rate)),
      },
    ],
    tables: [[['checkouts', 'in flight', 'rate', 'p50', 'p99'], ...rows]],
  }
}
