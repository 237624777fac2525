import { z } from 'zod'
import { customers, orders } from '../../src/domains/index.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { startService } from '../../src/runtime/service.ts'
import { childOptions, serve } from '../support/child.ts'

/**
 * The service as `npm start` runs it, on servers of the benchmark's. Without the projections by SQL: they would still be busy
 * with the log long after everything else, and are in no query here.
 */
const { url, database, dataDir } = childOptions(
  z.object({ url: z.string(), database: z.string(), dataDir: z.string() }),
)
const { config } = loadConfig({
  env: { NATS_URL: url, DATABASE_URL: database },
  cwd: import.meta.dirname,
  overrides: { dataDir, http: { port: 0 }, log: { level: 'warn', format: 'json' } },
})
const contexts = [orders, customers].map((context) => ({
  ...context,
  projections: context.projections.filter(({ kind }) => kind === 'fold'),
}))
const service = await startService({ config, contexts })
serve(
  () => Promise.resolve(service.endpoints.graph),
  () => service.stop(),
)
