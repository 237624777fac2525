import { z } from 'zod'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { startGateway } from '../../src/runtime/gateway-service.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { childOptions, serve } from '../support/child.ts'

/** Our gateway as `headwater gateway --supergraph FILE` starts it: with time-outs, breakers, limits and metrics. */
const { file, dataDir } = childOptions(z.object({ file: z.string(), dataDir: z.string() }))
const { config } = loadConfig({
  env: {},
  overrides: { http: { port: 0 }, dataDir, log: { level: 'warn' }, gateway: { supergraph: file } },
})
const gateway = await startGateway({ config, contexts: await loadContexts(config.contexts) })

serve(
  () => Promise.resolve(gateway.url),
  () => gateway.stop(),
)
