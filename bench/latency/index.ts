import { startChild } from '../support/child.ts'
import { describeMachine } from '../support/machine.ts'
import { median } from '../support/numbers.ts'
import { saveReport } from '../support/results.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { comparisonTable, milliseconds } from '../support/table.ts'
import { serviceFlags } from '../support/service-flags.ts'
import { LatencyResult } from './protocol.ts'

const RATE = 2000
const LIMIT_MS = 250

export interface LatencyOptions {
  quick: boolean
  json?: string | undefined
}

/** `npm run bench -- latency`: from the reply to a command until its row can be read. */
export async function benchLatency({ quick, json }: LatencyOptions): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(`${machine.cpu}, ${machine.usable} of ${machine.cores} cores, Node ${machine.node}\n`)
  const rounds = await withBench((bench) => measure(bench, quick ? 1 : 3, quick ? 5000 : 15_000))
  const p99s = rounds.map(({ lagMs }) => lagMs.p99)
  const p99 = median(p99s)
  const wrong = rounds.reduce((sum, { failed, unseen, wrongRows }) => sum + failed + unseen + wrongRows, 0)
  const comparison = {
    what: `reply to visible row, p99, at ${RATE.toLocaleString('en-US')} commands/s over 1,000 orders`,
    ratio: {
      median: p99 / LIMIT_MS,
      min: Math.min(...p99s) / LIMIT_MS,
      max: Math.max(...p99s) / LIMIT_MS,
    },
    goal: { most: 1 },
    ours: milliseconds(p99),
    other: milliseconds(LIMIT_MS),
    note: wrong > 0 ? `${wrong} commands failed, or their rows are wrong` : undefined,
  }
  console.log(comparisonTable([comparison], 'limit'))
  for (const [at, { commands, lagMs, replyMs }] of rounds.entries()) {
    const text = ({ p50, p99: high, max }: typeof lagMs) =>
      `p50 ${milliseconds(p50)}, p99 ${milliseconds(high)}, max ${milliseconds(max)}`
    console.log(`round ${at + 1}: ${commands} commands; lag ${text(lagMs)}; reply ${text(replyMs)}`)
  }
  const results = { comparisons: [comparison], rounds }
  console.log(`\nSaved ${saveReport({ benchmark: 'latency', quick, startedAt, machine, results }, json)}`)
}

async function measure(bench: Bench, rounds: number, durationMs: number): Promise<LatencyResult[]> {
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
