import { sample, shuffledSubarray } from 'fast-check'
import { globSync, readFileSync } from 'node:fs'

const WINDOW = 12

/** Windows of a file's lines, as Stryker's `--mutate` takes them: `src/streams/tail.ts:13-24`. */
function windowsOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const firstOfCode = lines.findIndex(
    (line) => !/^(import|export (type|\*)|\} from|  [\w ]+,$|\s*$)/.test(line),
  )
  const begins = Array.from(
    { length: Math.ceil((lines.length - firstOfCode) / WINDOW) },
    (_, at) => firstOfCode + 1 + at * WINDOW,
  )
  return begins.map((begin) => `${file}:${begin}-${Math.min(begin + WINDOW - 1, lines.length)}`)
}

/**
 * A random sample of windows of twelve lines out of a folder's files. Mutants that are longer than a window, as whole bodies of
 * functions are, are in none: those are the ones that tests notice first, so the score is on the low side.
 */
export function sampleOf(folder: string, size: number, seed: number): string[] {
  const windows = globSync(`src/${folder}/**/*.ts`).toSorted().flatMap(windowsOf)
  const count = Math.min(size, windows.length)
  const some = shuffledSubarray(windows, { minLength: count, maxLength: count })
  return sample(some, { numRuns: 1, seed }).flat()
}
