import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Which tests answer for which folder of src/, by folder or by file: those of other folders would only make a mutant slower to judge. */
const TESTS: Record<string, string[]> = {
  streams: ['streams', 'follow', 'feed', 'sagas/poison', 'cli/followers'],
  commands: ['commands', 'transactions'],
  projections: ['projections'],
  sagas: ['sagas'],
}
/** They kill processes and restart servers for minutes: what they find is for the whole suite to find. */
const FAULTS = ['**/*chaos*', '**/*kill*', '**/*storm*', '**/*failover*', '**/*fairness*']

const folder = process.env['MUTATED_FOLDER'] ?? ''

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: (TESTS[folder] ?? []).flatMap((tests) => [
      `test/${tests}/**/*.test.ts`,
      `test/${tests}.test.ts`,
    ]),
    exclude: FAULTS,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
