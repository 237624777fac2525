import { z } from 'zod'
import { activate } from '../../src/commands/actor/activation.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { childOptions, serve } from '../support/child.ts'
import { config, connectTo, openHomes } from '../support/service-parts.ts'

/** A service that has just started: it has read nothing yet. Loads one customer and says how long it took. */
const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)
const { homes, snapshots } = await openHomes(nc)
const home = homes.get('customer')
if (!home) throw new Error('No customers')
const { aggregate, log } = home
const { idempotencyWindowMs } = config.commands

serve(
  async (request) => {
    const id = z.string().parse(request)
    const startedAt = performance.now()
    const loaded = await activate(eventSubject(config.namespace, 'customer', id), id, {
      aggregate,
      log,
      snapshots,
      idempotencyWindowMs,
    })
    const ms = performance.now() - startedAt
    return { ms, version: loaded.version, snapshotVersion: loaded.snapshotVersion }
  },
  () => nc.close(),
)
