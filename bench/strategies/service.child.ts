import { z } from 'zod'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { startService } from '../../src/runtime/service.ts'
import { childOptions, serve } from '../support/child.ts'
import { customers } from '../gateway/data.ts'

/**
 * The context customers as a service of its own; with `orders`, the address of the other subgraph, it is the gateway as well,
 * over its own context and that one.
 */
const { nats, postgres, dataDir, orders } = childOptions(
  z.object({
    nats: z.string(),
    postgres: z.string(),
    dataDir: z.string(),
    orders: z.string().optional(),
  }),
)
const { config } = loadConfig({
  env: {},
  overrides: {
    http: { port: 0 },
    dataDir,
    nats: { url: nats },
    postgres: { url: postgres },
    log: { level: 'warn' },
    contexts: { serve: ['customers'] },
    gateway: { enabled: orders !== undefined },
    federation: { subgraphs: orders === undefined ? [] : [{ name: 'orders', graphqlUrl: orders }] },
  },
})
const service = await startService({ config, contexts: await loadContexts(config.contexts) })

async function answer(request: unknown): Promise<string> {
  if (request === 'fill') {
    for (const { id, name, city } of customers) {
      const data = { name, city, state: 'BR', postalCode: '1' }
      await service.sender.send({ aggregate: 'customer', id, command: 'register', data, commandId: id })
    }
  }
  return service.endpoints.graph
}

serve(answer, () => service.stop())
