import { pino } from 'pino'
import { z } from 'zod'
import { createActors } from '../../src/commands/actors.ts'
import { transactionsByAggregate } from '../../src/commands/definition/define-transaction.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { openKernel } from '../../src/runtime/kernel.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { openSagas } from '../../src/runtime/sagas/open-sagas.ts'
import { childOptions, serve } from '../support/child.ts'
import { config, connectTo } from '../support/service-parts.ts'

/** Commands, transactions and sagas of all contexts: no projections, no graph, no feed. */
const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)
const contexts = await loadContexts(config.contexts)
const logger = pino({ level: 'warn' })
const { homes, snapshots } = await openKernel(nc, contexts, config, logger)
const onError = (error: unknown, what: string) => console.error(what, error)
const { namespace, commands: settings } = config
const actors = createActors({ namespace, homes, snapshots, settings, onError })
const aggregates = new Map([...homes].map(([name, { aggregate }]) => [name, aggregate]))
const transactions = transactionsByAggregate(contexts.flatMap((context) => context.transactions))
const sagas = await openSagas({
  nc,
  config,
  known: contexts,
  served: contexts,
  homes,
  actors,
  aggregates,
  transactions,
  logger,
})
const endpoint = await openEndpoint({
  nc,
  namespace,
  version: '0.0.0',
  aggregates,
  transactions,
  actors,
  settings,
  onError,
  ...(sagas && { conclude: sagas.conclude }),
})
await sagas?.start()

serve(
  () => Promise.resolve(actors.resident),
  async () => {
    await sagas?.stop()
    await endpoint.close()
    await nc.close()
  },
)
