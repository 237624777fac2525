import { z } from 'zod'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { startGateway } from '../../src/runtime/gateway-service.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { childOptions, serve } from '../support/child.ts'

/** A gateway that reaches customers in one way alone. */
const { strategy, orders, customers, postgres, dataDir } = childOptions(
  z.object({
    strategy: z.enum(['http', 'direct-db']),
    orders: z.string(),
    customers: z.string(),
    postgres: z.string(),
    dataDir: z.string(),
  }),
)
const { config } = loadConfig({
  env: {},
  overrides: {
    http: { port: 0 },
    dataDir,
    log: { level: 'warn' },
    federation: {
      subgraphs: [
        { name: 'orders', graphqlUrl: orders },
        {
          name: 'customers',
          graphqlUrl: customers,
          databaseUrl: postgres,
          strategies: { Customer: [strategy] },
        },
      ],
    },
  },
})
const gateway = await startGateway({ config, contexts: await loadContexts(config.contexts) })

serve(
  () => Promise.resolve(gateway.url),
  () => gateway.stop(),
)
