import type { Parameters } from 'fast-check'

const { FUZZ_RUNS, FUZZ_SEED } = process.env

/** Every night: `FUZZ_RUNS=100 FUZZ_SEED=$RANDOM npx vitest run test/fuzz`. */
const TIMES = Number(FUZZ_RUNS ?? 1)
const SEED = Number(FUZZ_SEED ?? 20_261_121)

/**
 * How a property is tried: so many times, or that many times what `FUZZ_RUNS` says, with the same values every time unless
 * `FUZZ_SEED` is another one. What fails is printed with its seed and path, and made as small as it gets in half a minute.
 */
export function runs<Values>(numRuns: number): Parameters<Values> {
  return {
    numRuns: numRuns * TIMES,
    seed: SEED,
    interruptAfterTimeLimit: 600_000 * TIMES,
    endOnFailure: false,
  }
}
