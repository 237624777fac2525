import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites start real servers, and wait for what takes its time: a restart, a lease that ends. Of two processors, two suites
    // leave a quarter idle and three a tenth; more would only wait for each other.
    maxWorkers: 3,
    // What is waited for comes in seconds on a quiet machine. On a loaded one it must not fail for that: these bound a hang.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    globalSetup: ['test/support/prepared-data.ts'],
    // For the processes that tests start without a clean environment; see test/support/clean-env.ts.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'headwater-test-compile-cache') },
  },
})
