import { z } from 'zod'
import { createActors } from '../../src/commands/actors.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { orderProjection } from '../../src/domains/orders/projection.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import { childOptions, serve } from '../support/child.ts'
import { config, connectTo, openHomes } from '../support/service-parts.ts'

/** A service as `npm start` runs one, without the graph: the command endpoint, and the orders' projection beside it. */
const { url, database: databaseUrl } = childOptions(z.object({ url: z.string(), database: z.string() }))
const nc = await connectTo(url)
const { homes, snapshots } = await openHomes(nc)
const onError = (error: unknown, what: string) => console.error(what, error)
const { namespace, commands, postgres } = config
const actors = createActors({ namespace, homes, snapshots, settings: commands, onError })
const endpoint = await openEndpoint({
  nc,
  namespace,
  version: '0.0.0',
  aggregates: new Map([...homes].map(([name, { aggregate }]) => [name, aggregate])),
  actors,
  settings: commands,
  onError,
})
const log = (fields: object, message: string) => console.error(message, fields)
const logger = { debug: () => undefined, info: () => undefined, warn: log, error: log }
const database = await createDatabase({ ...postgres, url: databaseUrl, logger })
const projections = await startProjections({
  definitions: [orderProjection],
  logs: new Map([...homes].map(([name, home]) => [name, home.log])),
  namespace,
  database,
  settings: config.projections,
  logger,
})
serve(
  () => Promise.resolve(projections.status()),
  async () => {
    await endpoint.close()
    await projections.stop()
    await database.close()
    await nc.close()
  },
)
