import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import { BENCHMARKS } from './benchmarks.ts'
import { type Benchmark, titleOf } from './support/benchmark.ts'
import { documentOf } from './support/document.ts'
import { readReport } from './support/results.ts'
import { versionsOf } from './support/versions.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Runs every benchmark, one after the other, each in a process of its own, and writes what came of them as a document:
 * docs/benchmarks.md, or beside the results when they were quick ones. One that fails does not keep the others from running.
 */
export async function runAll({
  quick,
  continue: earlier,
}: {
  quick: boolean
  continue?: string | undefined
}): Promise<void> {
  const folder = earlier ?? at(`results/all-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`)
  const fileOf = (benchmark: Benchmark) => join(folder, `${titleOf(benchmark).replace(' --peer ', '-')}.json`)
  const failed: string[] = []
  for (const benchmark of BENCHMARKS) {
    if (existsSync(fileOf(benchmark))) continue
    console.log(`\n# ${titleOf(benchmark)}\n`)
    if (!(await isRun(benchmark, quick, fileOf(benchmark)))) failed.push(titleOf(benchmark))
  }
  const reports = BENCHMARKS.map(fileOf)
    .filter((file) => existsSync(file))
    .map(readReport)
  const file = quick ? join(folder, 'benchmarks.md') : at('../docs/benchmarks.md')
  const text = documentOf(reports, await versionsOf())
  writeFileSync(file, await format(text, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' }))
  console.log(`\nWrote ${file}; the rounds are in ${folder}`)
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}. npm run bench -- --continue ${folder} runs them again`)
    process.exitCode = 1
  }
}

async function isRun({ name, peer }: Benchmark, quick: boolean, json: string): Promise<boolean> {
  const options = [...(peer === undefined ? [] : ['--peer', peer]), ...(quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, [at('main.ts'), name, ...options, '--json', json], {
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  return code === 0
}
