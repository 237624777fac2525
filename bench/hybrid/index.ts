import { describeMachine } from '../support/machine.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import { saveReport } from '../support/results.ts'
import { withBench } from '../support/stack.ts'
import {
  type Comparison,
  comparisonTable,
  megabytes,
  milliseconds,
  perSecond,
  table,
} from '../support/table.ts'
import { COMMITS_PER_ORDER } from './order-log.ts'
import { type CpuMs, type Measured, type Stand, openStand } from './stand.ts'

/*
 * npm run bench -- hybrid            a million events, three rounds: about six minutes
 * npm run bench -- hybrid --quick    50,000 events and one short round, to see that it works
 * BENCH_CPU_PROF=<folder> npm run bench -- hybrid    with a CPU profile of the service
 */

const RATE = 500
const IN_FLIGHT = 32

export interface HybridOptions {
  quick: boolean
  json?: string | undefined
}

interface Round {
  plain: Measured
  history: Measured
  open: Measured
  /** At the same rate without the history: what the machine does to any request of this kind. */
  openPlain: Measured
}

/** `npm run bench -- hybrid`: an order and how it came to be, in one query. */
export async function benchHybrid({ quick, json }: HybridOptions): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(`${machine.cpu}, ${machine.usable} of ${machine.cores} cores, Node ${machine.node}\n`)
  const events = quick ? 50_000 : 1_000_000
  const { rounds, memoryMb } = await withBench(async (bench) => {
    const stand = await openStand(bench, { orders: events / COMMITS_PER_ORDER })
    const measured = await measureRounds(stand, quick)
    return { rounds: measured, memoryMb: stand.memoryMb() }
  })
  const comparisons = compare(rounds)
  console.log(comparisonTable(comparisons, 'other'))
  console.log(`\n${cpuTable(rounds)}`)
  console.log(`\nmemory: service ${megabytes(memoryMb.service)}, NATS ${megabytes(memoryMb.nats)}`)
  const results = { events, comparisons, rounds, memoryMb }
  console.log(`\nSaved ${saveReport({ benchmark: 'hybrid', quick, startedAt, machine, results }, json)}`)
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
function cpuTable(rounds: Round[]): string {
  const cell = (kind: keyof Round, part: keyof CpuMs) => {
    const values = rounds.flatMap((round) => round[kind].cpuPerRequest[part] ?? [])
    return values.length === 0 ? '' : milliseconds(spreadOf(values).median)
  }
  const row = (name: string, kind: keyof Round) => [name, ...PARTS.map((part) => cell(kind, part))]
  return table([
    ['CPU a request', ...PARTS],
    row(`without the history, ${IN_FLIGHT} in flight`, 'plain'),
    row(`with it, ${IN_FLIGHT} in flight`, 'history'),
    row(`without it, ${RATE} requests/s`, 'openPlain'),
    row(`with it, ${RATE} requests/s`, 'open'),
  ])
}
