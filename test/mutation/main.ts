import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { sampleOf } from './sample.ts'

const FOLDERS = ['streams', 'commands', 'projections', 'sagas']
/** Stryker brings 159 packages, which nobody needs but for this: they are installed in the copy alone. */
const STRYKER = ['@stryker-mutator/core@10.1.1', '@stryker-mutator/vitest-runner@10.1.1']
const USAGE = `npm run mutation -- <folder>… [--sample N] [--seed N] [--all]

Changes the code of a folder of src/ in small ways (Stryker), runs its tests on each, and says which change no test notices.
Folders: ${FOLDERS.join(', ')}; all of them unless given.

  --sample N   so many windows of twelve lines, picked at random (40)
  --seed N     which ones (1)
  --all        every line
`
const root = fileURLToPath(new URL('../..', import.meta.url))
const copy = join(root, '.mutation')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.enum([
            'Killed',
            'Survived',
            'NoCoverage',
            'Timeout',
            'CompileError',
            'RuntimeError',
            'Ignored',
            'Pending',
          ]),
          location: z.object({ start: z.object({ line: z.int() }) }),
        }),
      ),
    }),
  ),
})

/** The working tree, without what git leaves out, in a folder of its own: Stryker writes into the sources. */
function makeCopy(): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  const lock = (folder: string) => join(folder, 'package-lock.json')
  const isInstalled =
    existsSync(join(copy, 'node_modules/@stryker-mutator')) &&
    readFileSync(lock(copy), 'utf8') === readFileSync(lock(root), 'utf8')
  for (const folder of ['src', 'test']) rmSync(join(copy, folder), { recursive: true, force: true })
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file))
  }
  if (isInstalled) return
  execFileSync('npm', ['ci', '--loglevel=error'], { cwd: copy, stdio: 'inherit' })
  execFileSync('npm', ['install', '--no-save', '--loglevel=error', ...STRYKER], {
    cwd: copy,
    stdio: 'inherit',
  })
}

/** Mutates a folder and answers its score: the share of mutants that a test noticed, or that made one run for ever. */
function mutate(folder: string): { folder: string; noticed: number; mutants: number } {
  const whole = `src/${folder}/**/*.ts`
  const mutated = values.all ? whole : sampleOf(folder, Number(values.sample), Number(values.seed)).join(',')
  const config = 'test/mutation/stryker.config.json'
  const log = join(copy, 'reports', `${folder}.log`)
  mkdirSync(dirname(log), { recursive: true })
  const out = openSync(log, 'w')
  const { status } = spawnSync('npx', ['stryker', 'run', config, '--mutate', mutated], {
    cwd: copy,
    stdio: ['ignore', out, out],
    env: { ...process.env, MUTATED_FOLDER: folder },
  })
  if (status !== 0) throw new Error(`Stryker ended with ${String(status)}; ${log} says why`)
  const text = readFileSync(join(copy, 'reports/mutation/mutation.json'), 'utf8')
  writeFileSync(join(copy, `reports/${folder}.json`), text)
  const found = Object.entries(Report.parse(JSON.parse(text)).files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant) => ({ file, ...mutant })),
  )
  const isNoticed = ({ status: of }: { status: string }) => of === 'Killed' || of === 'Timeout'
  const judged = found.filter(
    (one) => isNoticed(one) || one.status === 'Survived' || one.status === 'NoCoverage',
  )
  for (const { file, location, mutatorName, replacement = '', status: of } of judged.filter(
    (one) => !isNoticed(one),
  ))
    console.log(
      `${of.padEnd(10)} ${file}:${location.start.line} ${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}`,
    )
  return { folder, noticed: judged.filter(isNoticed).length, mutants: judged.length }
}

const folders = positionals.length > 0 ? positionals : FOLDERS
const unknown = folders.filter((folder) => !FOLDERS.includes(folder))
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no folder ${unknown.join(', ')} here.\n\n${USAGE}` : USAGE)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else {
  makeCopy()
  for (const { folder, noticed, mutants } of folders.map(mutate))
    console.log(`${folder}: ${((noticed / mutants) * 100).toFixed(0)} % of ${mutants} mutants noticed`)
}
