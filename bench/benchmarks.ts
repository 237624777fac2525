import { commands, commandsPeers } from './commands/index.ts'
import { footprint } from './footprint/index.ts'
import { gateway } from './gateway/index.ts'
import { hybrid } from './hybrid/index.ts'
import { latency } from './latency/index.ts'
import { rebuild, rebuildPeer } from './rebuild/index.ts'
import { sagas } from './sagas/index.ts'
import { strategies } from './strategies/index.ts'
import type { Benchmark } from './support/benchmark.ts'

/** All of them, in the order in which they are run and told. */
export const BENCHMARKS: Benchmark[] = [
  commands,
  ...commandsPeers,
  latency,
  hybrid,
  rebuild,
  rebuildPeer,
  gateway,
  strategies,
  sagas,
  footprint,
]
