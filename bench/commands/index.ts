import type { Benchmark } from '../support/benchmark.ts'
import { spreadOf } from '../support/numbers.ts'
import type { Part } from '../support/section.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { megabytes, milliseconds } from '../support/table.ts'
import { measureLoading } from './loading.ts'
import { MEMORY_LIMIT_MB, measureMemory } from './memory.ts'
import { measurePeer } from './peers.ts'
import { measureThroughput } from './throughput.ts'

const PARTS = { throughput, memory, loading }

/** Our commands beside a bare publish, what they need of memory, and how long an aggregate takes to load. */
export const commands: Benchmark = {
  name: 'commands',
  what: 'our commands against a bare publish; memory; loading an aggregate',
  async *measure({ quick, only }) {
    const parts = Object.entries(PARTS).filter(([name]) => only === undefined || only === name)
    if (parts.length === 0)
      throw new RangeError(`There is no part ${only}; there are ${Object.keys(PARTS).join(', ')}`)
    for (const [, part] of parts) yield await withBench((bench) => part(bench, quick))
  },
}

/** The same orders, with the same decider, on a peer. */
const commandsPeer = (peer: string, what: string): Benchmark => ({
  name: 'commands',
  peer,
  what,
  async *measure({ quick }) {
    yield await withBench((bench) => measurePeer(bench, peer, quick))
  },
})

export const commandsPeers = [
  commandsPeer('emmett', 'the same orders on Emmett with PostgreSQL'),
  commandsPeer('restate', 'the same orders on Restate virtual objects'),
]

async function throughput(bench: Bench, quick: boolean): Promise<Part> {
  const options = quick ? { rounds: 3, durationMs: 700 } : { rounds: 5, durationMs: 2000 }
  const { comparisons, measured } = await measureThroughput(bench, options)
  return {
    title: 'Commands against a bare publish with an expected sequence',
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
    title: 'Memory of the command path',
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
    title: 'Loading an aggregate',
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
