import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'
import { defineFeed } from '../../src/feed/define-feed.ts'
import { provisionFeed } from '../../src/feed/provision-feed.ts'
import { createEventTypes } from '../../src/streams/events/event-types.ts'

const events = { 'thing.happened': z.object({ n: z.number() }) }

/** The events that `someEvents` of the tests of streams makes. */
export const thingFeed = defineFeed({
  from: { name: 'thing', events, types: createEventTypes(events) },
  publish: { 'thing.happened': true },
})

/** The feed's stream of a namespace, and the means to look at it. */
export async function openFeedStream(nc: NatsConnection, namespace: string) {
  const jsm = await jetstreamManager(nc, { timeout: 20_000, checkAPI: false })
  const stream = `${namespace.toUpperCase()}_FEED`
  const options = {
    jsm,
    stream,
    namespace,
    replicas: 1,
    storage: 'file',
    maxAgeMs: 3_600_000,
    onMigration() {},
  } as const
  await provisionFeed(options)
  return { jsm, stream, options }
}
