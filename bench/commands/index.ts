import { describeMachine } from '../support/machine.ts'
import { spreadOf } from '../support/numbers.ts'
import { saveReport } from '../support/results.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { type Comparison, comparisonTable, megabytes, milliseconds } from '../support/table.ts'
import { measureLoading } from './loading.ts'
import { MEMORY_LIMIT_MB, measureMemory } from './memory.ts'
import { measurePeer } from './peers.ts'
import { measureThroughput } from './throughput.ts'

export interface CommandsOptions {
  quick: boolean
  peer?: string | undefined
  only?: string | undefined
  json?: string | undefined
}

interface Part {
  comparisons: Comparison[]
  measured: unknown
  /** What the rows are compared with. */
  other: string
  notes: string[]
}

const PARTS = { throughput, memory, loading }

/** `npm run bench -- commands`: the table of each part as soon as it is there, all of it as JSON at the end. */
export async function benchCommands({ quick, peer, only, json }: CommandsOptions): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(`${machine.cpu}, ${machine.usable} of ${machine.cores} cores, Node ${machine.node}\n`)
  const parts: [string, (bench: Bench, quick: boolean) => Promise<Part>][] =
    peer === undefined
      ? Object.entries(PARTS).filter(([name]) => only === undefined || only === name)
      : [[`peer ${peer}`, (bench) => measurePeer(bench, peer, quick)]]
  if (parts.length === 0)
    throw new RangeError(`There is no part ${only}; there are ${Object.keys(PARTS).join(', ')}`)
  const results: Record<string, unknown> = {}
  for (const [name, measure] of parts) {
    const { comparisons, measured, other, notes } = await withBench((bench) => measure(bench, quick))
    results[name] = { comparisons, measured }
    console.log([name, comparisonTable(comparisons, other), ...notes, ''].join('\n'))
  }
  const benchmark = peer === undefined ? 'commands' : `commands-${peer}`
  console.log(`Saved ${saveReport({ benchmark, quick, startedAt, machine, results }, json)}`)
}

async function throughput(bench: Bench, quick: boolean): Promise<Part> {
  const options = quick ? { rounds: 3, durationMs: 700 } : { rounds: 5, durationMs: 2000 }
  const { comparisons, measured } = await measureThroughput(bench, options)
  return {
    comparisons,
    measured,
    other: 'bare publish',
    notes: [
      'One aggregate is compared with a bare publish of as many in flight, spread over 1,000 subjects: on one subject,',
      'a publish with an expected sequence has to wait for the one before it.',
    ],
  }
}

async function memory(bench: Bench, quick: boolean): Promise<Part> {
  const measured = await measureMemory(bench, { creates: quick ? 100_000 : 1_000_000 })
  const { creates, peakMb, startMb, endMb, growthMb, residentAggregates, failed, natsServerPeakMb } = measured
  return {
    comparisons: [
      {
        what: `service's memory, ${creates.toLocaleString('en-US')} creates of as many aggregates: peak`,
        ratio: spreadOf([peakMb / MEMORY_LIMIT_MB]),
        goal: { most: 1 },
        ours: megabytes(peakMb),
        other: megabytes(MEMORY_LIMIT_MB),
        note: failed > 0 ? `${failed} failed` : undefined,
      },
    ],
    measured,
    other: 'limit',
    notes: [
      `start ${megabytes(startMb)}, peak ${megabytes(peakMb)}, end ${megabytes(endMb)}; ` +
        `growth after the first tenth ${megabytes(growthMb)}; ` +
        `${residentAggregates} aggregates in memory at the end; the NATS server's peak ${megabytes(natsServerPeakMb)}`,
    ],
  }
}

async function loading(bench: Bench, quick: boolean): Promise<Part> {
  const measured = await measureLoading(bench, { aggregates: quick ? 5 : 50 })
  const { ratios, shortMs, longMs, loadedFromSnapshot } = measured
  return {
    comparisons: [
      {
        what: 'loading 10,000 events with a snapshot, to loading 10 events',
        ratio: spreadOf(ratios),
        goal: { most: 2 },
        ours: milliseconds(longMs.p50),
        other: milliseconds(shortMs.p50),
      },
    ],
    measured,
    other: '10 events',
    notes: [
      `p99 ${milliseconds(longMs.p99)} and ${milliseconds(shortMs.p99)}; ` +
        `${(loadedFromSnapshot * 100).toFixed(0)} % of the long ones came from a snapshot`,
    ],
  }
}
