import { z } from 'zod'
import { createActors } from '../../src/commands/actors.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { childOptions, serve } from '../support/child.ts'
import { config, connectTo, openHomes } from '../support/service-parts.ts'

/** The command side of a service and nothing else: the endpoint, the actors, the log. */
const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)
const { homes, snapshots } = await openHomes(nc)
const onError = (error: unknown, what: string) => console.error(what, error)
const { namespace, commands } = config
const actors = createActors({
  namespace,
  homes,
  snapshots,
  settings: commands,
  onError,
})
const endpoint = await openEndpoint({
  nc,
  namespace,
  version: '0.0.0',
  aggregates: new Map([...homes].map(([name, { aggregate }]) => [name, aggregate])),
  actors,
  settings: commands,
  onError,
})
serve(
  () => Promise.resolve(actors.resident),
  async () => {
    await endpoint.close()
    await nc.close()
  },
)
