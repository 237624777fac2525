import type { Benchmark } from '../support/benchmark.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import { withBench } from '../support/stack.ts'
import { type Comparison, megabytes, milliseconds, perSecond } from '../support/table.ts'
import { COMMITS_PER_ORDER } from './order-log.ts'
import { type CpuMs, type Measured, type Stand, openStand } from './stand.ts'

/*
 * npm run bench -- hybrid            a million events, three rounds: about six minutes
 * npm run bench -- hybrid --quick    50,000 events and one short round, to see that it works
 * BENCH_CPU_PROF=<folder> npm run bench -- hybrid    with a CPU profile of the service
 */

const RATE = 500
const IN_FLIGHT = 32

interface Round {
  plain: Measured
  history: Measured
  open: Measured
  /** At the same rate without the history: what the machine does to any request of this kind. */
  openPlain: Measured
}

/** An order and how it came to be, in one query. */
export const hybrid: Benchmark = {
  name: 'hybrid',
  what: 'an order and its history in one query, over a log of a million events',
  async *measure({ quick }) {
    const events = quick ? 50_000 : 1_000_000
    const { rounds, memoryMb } = await withBench(async (bench) => {
      const stand = await openStand(bench, { orders: events / COMMITS_PER_ORDER })
      const measured = await measureRounds(stand, quick)
      return { rounds: measured, memoryMb: stand.memoryMb() }
    })
    yield {
      title: `An order and its history in one query, in a log of ${events.toLocaleString('en')} events`,
      other: 'other',
      comparisons: compare(rounds),
      tables: [cpuTable(rounds)],
      notes: [`memory: service ${megabytes(memoryMb.service)}, NATS ${megabytes(memoryMb.nats)}`],
      measured: { events, rounds, memoryMb },
    }
  },
}

async function measureRounds(stand: Stand, quick: boolean): Promise<Round[]> {
  const times = { warmUpMs: quick ? 1000 : 5000, durationMs: quick ? 3000 : 10_000 }
  const openTimes = { ...times, durationMs: quick ? 5000 : 30_000 }
  const rounds: Round[] = []
  // The first one is thrown away.
  for (let round = 0; round <= (quick ? 1 : 3); round++) {
    progress(round === 0 ? 'getting warm' : `round ${round}`)
    const plain = await stand.measure({ kind: 'plain', inFlight: IN_FLIGHT }, times)
    const history = await stand.measure({ kind: 'history', inFlight: IN_FLIGHT }, times)
    if (round === 0) continue
    const open = await stand.measure({ kind: 'history', rate: RATE }, openTimes)
    const openPlain = await stand.measure({ kind: 'plain', rate: RATE }, times)
    rounds.push({ plain, history, open, openPlain })
  }
  return rounds
}

function compare(rounds: Round[]): Comparison[] {
  const failed = rounds.reduce(
    (sum, round) => sum + Object.values(round).reduce((all, { load }: Measured) => all + load.failed, 0),
    0,
  )
  const note = failed > 0 ? `${failed} requests failed, or their answers are wrong` : undefined
  const rate = (kind: 'plain' | 'history') => spreadOf(rounds.map((round) => round[kind].load.rate)).median
  const latency = (what: 'p50' | 'p99', limit: number): Comparison => {
    const values = rounds.map(({ open }) => open.load[what])
    return {
      what: `${what} at ${RATE} requests/s with the history`,
      ratio: spreadOf(values.map((value) => value / limit)),
      goal: { most: 1 },
      ours: milliseconds(spreadOf(values).median),
      other: milliseconds(limit),
      note,
    }
  }
  return [
    latency('p50', 5),
    latency('p99', 25),
    {
      what: `p99 at ${RATE} requests/s, with the history to without it`,
      ratio: spreadOf(rounds.map(({ open, openPlain }) => open.load.p99 / openPlain.load.p99)),
      ours: milliseconds(spreadOf(rounds.map(({ open }) => open.load.p99)).median),
      other: milliseconds(spreadOf(rounds.map(({ openPlain }) => openPlain.load.p99)).median),
      note,
    },
    {
      what: `with the history to without it, ${IN_FLIGHT} in flight`,
      ratio: spreadOf(rounds.map(({ plain, history }) => history.load.rate / plain.load.rate)),
      goal: { least: 0.5 },
      ours: perSecond(rate('history')),
      other: perSecond(rate('plain')),
      note,
    },
  ]
}

const PARTS = ['service', 'nats', 'postgres', 'client'] as const satisfies (keyof CpuMs)[]

/** What a request costs whom: it says more than a rate on a machine that has other things to do. */
function cpuTable(rounds: Round[]): string[][] {
  const cell = (kind: keyof Round, part: keyof CpuMs) => {
    const values = rounds.flatMap((round) => round[kind].cpuPerRequest[part] ?? [])
    return values.length === 0 ? '' : milliseconds(spreadOf(values).median)
  }
  const row = (name: string, kind: keyof Round) => [name, ...PARTS.map((part) => cell(kind, part))]
  return [
    ['CPU a request', ...PARTS],
    row(`without the history, ${IN_FLIGHT} in flight`, 'plain'),
    row(`with it, ${IN_FLIGHT} in flight`, 'history'),
    row(`without it, ${RATE} requests/s`, 'openPlain'),
    row(`with it, ${RATE} requests/s`, 'open'),
  ]
}
