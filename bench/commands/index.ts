import { describeMachine } from '../support/machine.ts'
import { saveReport } from '../support/results.ts'
import { withBench } from '../support/stack.ts'
import { comparisonTable } from '../support/table.ts'
import { measureThroughput } from './throughput.ts'

export interface CommandsOptions {
  quick: boolean
  peer?: string | undefined
  only?: string | undefined
  json?: string | undefined
}

export async function benchCommands({ quick, json }: CommandsOptions): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  const t = await withBench((bench) => measureThroughput(bench, quick ? { rounds: 3, durationMs: 700 } : { rounds: 5, durationMs: 2000 }))
  console.log(comparisonTable(t.comparisons, 'bare publish'))
  console.log(saveReport({ benchmark: 'commands', quick, startedAt, machine, results: t }, json))
}
