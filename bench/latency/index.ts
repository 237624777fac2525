import type { Benchmark } from '../support/benchmark.ts'
import { startChild } from '../support/child.ts'
import { spreadOf } from '../support/numbers.ts'
import type { Section } from '../support/section.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { milliseconds } from '../support/table.ts'
import { serviceFlags } from '../support/service-flags.ts'
import { LatencyResult } from './protocol.ts'

const RATE = 2000
const LIMIT_MS = 250

/** From the reply to a command until its row can be read. */
export const latency: Benchmark = {
  name: 'latency',
  what: "from a command's reply to the projected row",
  async *measure({ quick }) {
    const rounds = await withBench((bench) => measureRounds(bench, quick ? 1 : 3, quick ? 5000 : 15_000))
    yield { ...sectionOf(rounds), measured: rounds }
  },
}

function sectionOf(rounds: LatencyResult[]): Section {
  const p99s = rounds.map(({ lagMs }) => lagMs.p99)
  const wrong = rounds.reduce((sum, { failed, unseen, wrongRows }) => sum + failed + unseen + wrongRows, 0)
  const text = ({ p50, p99, max }: LatencyResult['lagMs']) =>
    `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}, max ${milliseconds(max)}`
  return {
    title: 'From the reply to a command to its row',
    other: 'limit',
    comparisons: [
      {
        what: `reply to visible row, p99, at ${RATE.toLocaleString('en-US')} commands/s over 1,000 orders`,
        ratio: spreadOf(p99s.map((p99) => p99 / LIMIT_MS)),
        goal: { most: 1 },
        ours: milliseconds(spreadOf(p99s).median),
        other: milliseconds(LIMIT_MS),
        note: wrong > 0 ? `${wrong} commands failed, or their rows are wrong` : undefined,
      },
    ],
    notes: rounds.map(
      ({ commands, lagMs, replyMs }, at) =>
        `round ${at + 1}: ${commands} commands; lag ${text(lagMs)}; reply ${text(replyMs)}`,
    ),
  }
}

async function measureRounds(bench: Bench, rounds: number, durationMs: number): Promise<LatencyResult[]> {
  const { url } = await bench.nats()
  const { url: database } = await bench.postgres()
  const servers = { url, database }
  const service = bench.closing(
    await startChild(new URL('service.child.ts', import.meta.url), servers, serviceFlags()),
  )
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), servers))
  const results: LatencyResult[] = []
  for (let round = 1; round <= rounds; round++) {
    const request = { run: `r${round}`, rate: RATE, warmUpMs: 3000, durationMs }
    results.push(LatencyResult.parse(await client.call(request)))
  }
  await client.stop()
  await service.stop()
  return results
}
