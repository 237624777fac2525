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

/** The same numbers for the same seed, evenly over 0 to 1. http://www.jcgt.org/published/0009/03/02/ (PCG hash) */
function* random(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 747796405) + 2891336453) >>> 0
    const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0
    yield ((word >>> 22) ^ word) / 2 ** 32
  }
}

/**
 * A random sample of windows of twelve lines out of a folder's files. Mutants that are longer than a window, as whole bodies of
 * functions are, are in none: those are the ones that tests notice first, so the score is on the low side.
 */
export function sampleOf(folder: string, size: number, seed: number): string[] {
  const windows = globSync(`src/${folder}/**/*.ts`).toSorted().flatMap(windowsOf)
  const numbers = random(seed)
  return windows
    .map((window) => ({ window, at: numbers.next().value }))
    .toSorted((one, other) => one.at - other.at)
    .slice(0, size)
    .map(({ window }) => window)
}
