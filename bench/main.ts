import { parseArgs } from 'node:util'
import { runAll } from './all.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { runBenchmark, titleOf } from './support/benchmark.ts'
import { shareTwoCores } from './support/machine.ts'

const USAGE = `npm run bench                                   all of them; writes docs/benchmarks.md
npm run bench -- [--continue FOLDER]            goes on with a run that was interrupted
npm run bench -- <benchmark> [--quick] [--json FILE]

${BENCHMARKS.map((benchmark) => `  ${titleOf(benchmark).padEnd(26)}${benchmark.what}`).join('\n')}

  --quick       a fraction of the time and of the numbers: to see that it works; docs/benchmarks.md is left as it is
  --only PART   of commands: throughput, memory or loading; of rebuild: thousand-rows or row-an-event
  --json FILE   where the results go as JSON, besides the table; bench/results/ unless given

bench/README.md says what is measured, and how to read the tables.`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    peer: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    continue: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [name] = positionals
if (options.help) {
  console.log(USAGE)
} else if (name === undefined) {
  await runAll(options)
} else {
  const benchmark = BENCHMARKS.find((one) => one.name === name && one.peer === options.peer)
  if (benchmark) {
    shareTwoCores()
    await runBenchmark(benchmark, options)
  } else {
    console.error(
      `There is no benchmark ${titleOf({ name, ...(options.peer && { peer: options.peer }) })}.\n\n${USAGE}`,
    )
    process.exitCode = 2
  }
}
