import { type Machine, describeMachine } from './machine.ts'
import { saveReport } from './results.ts'
import type { Part, Section } from './section.ts'
import { comparisonTable, table } from './table.ts'

export interface MeasureOptions {
  quick: boolean
  /** One part alone, of those that have parts with names. */
  only?: string | undefined
}

export interface Benchmark {
  /** What is typed: `npm run bench -- <name>`, and `--peer <peer>` where there is one. */
  name: string
  peer?: string
  what: string
  /** Measures, and yields each part as soon as it is there. */
  measure(options: MeasureOptions): AsyncGenerator<Part>
}

export const titleOf = ({ name, peer }: Pick<Benchmark, 'name' | 'peer'>) =>
  peer === undefined ? name : `${name} --peer ${peer}`

/** Runs a benchmark: the tables of each part as soon as they are there, all of it as JSON at the end. */
export async function runBenchmark(
  benchmark: Benchmark,
  { json, ...options }: MeasureOptions & { json?: string | undefined },
): Promise<void> {
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(headOf(machine))
  const parts: Part[] = []
  for await (const part of benchmark.measure(options)) {
    parts.push(part)
    console.log(textOf(part))
  }
  const { name, peer } = benchmark
  const report = { benchmark: name, peer, quick: options.quick, startedAt, machine, parts }
  console.log(`Saved ${saveReport(report, json)}`)
}

function headOf({ cpu, usable, cores, node }: Machine): string {
  return `${cpu}, ${usable} of ${cores} cores, Node ${node}\n`
}

function textOf({ title, comparisons, other, tables = [], notes = [] }: Section): string {
  return [
    title,
    comparisonTable(comparisons, other),
    ...tables.map((rows) => `\n${table(rows)}`),
    ...notes,
    '',
  ].join('\n')
}
