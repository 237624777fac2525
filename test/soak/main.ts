// The whole suite many times in a row, with the machine loaded: `npm run soak`, or `npm run soak -- 5 test/feed` for five runs of
// one folder. Ends with exit code 1 when a run failed; what each printed is kept.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const RUNS = 20
/** On two cores that makes five who want the processor, the suite's two among them, and what those start. */
const BUSY = 3

const Report = z.object({
  numTotalTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(z.object({ name: z.string(), status: z.string() })),
})

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What must not outlive this process. */
const children = new Set<ChildProcess>()
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')

/** Runs the suite, or the tests that the filters name; its output goes into `run-<number>.log` of the folder. */
async function run(folder: string, number: number, filters: readonly string[]) {
  const report = join(folder, `run-${number}.json`)
  const log = openSync(join(folder, `run-${number}.log`), 'w')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [vitest, 'run', ...reporters, ...filters]
  const began = performance.now()
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', log, log] })
  children.add(child)
  const [code] = await once(child, 'exit')
  children.delete(child)
  const seconds = Math.round((performance.now() - began) / 1000)
  return { passed: code === 0, seconds, report: readReport(report) }
}

/** Undefined where vitest ended before it could write one. */
function readReport(file: string): z.infer<typeof Report> | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

function tell(number: number, runs: number, { passed, seconds, report }: Awaited<ReturnType<typeof run>>) {
  const failed = report?.testResults.filter(({ status }) => status !== 'passed') ?? []
  const counts = report
    ? `${report.testResults.length} files, ${report.numTotalTests} tests, ${seconds} s, ${report.numFailedTests} failed`
    : `no report after ${seconds} s`
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${number} of ${runs}: ${counts}`)
  for (const { name } of failed) console.log(`         ${name.replace(root, '')}`)
}

const [first = '', ...others] = process.argv.slice(2)
const isCount = /^\d+$/.test(first)
const runs = isCount ? Number(first) : RUNS
const filters = isCount || first === '' ? others : [first, ...others]

const folder = mkdtempSync(join(tmpdir(), 'headwater-soak-'))
console.log(`${runs} runs beside ${BUSY} busy processes; what they print is in ${folder}`)
for (let number = 0; number < BUSY; number++) children.add(spawn(process.execPath, ['-e', 'for (;;);']))
const endAll = () => children.forEach((child) => child.kill())
process.once('exit', endAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

for (let number = 1; number <= runs; number++) {
  const result = await run(folder, number, filters)
  tell(number, runs, result)
  if (!result.passed) process.exitCode = 1
}
// Their handles would keep this process from ending.
endAll()
