import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import type { EventLog } from '../streams/log/event-log.ts'
import { type Follower, openFollower } from '../streams/follow/follower.ts'
import { logSource } from '../streams/follow/log-source.ts'
import type { Logger } from '../streams/logger.ts'
import type { FollowerSettings } from '../streams/follow/settings.ts'
import type { FollowerStore } from '../streams/follow/store.ts'
import { createRequester } from '../streams/log/requester.ts'
import type { FeedDefinition } from './define-feed.ts'
import { publishedUpTo } from './published.ts'
import { createPublisher } from './publisher.ts'

/** What is published of one context. */
export interface FeedOfContext {
  context: string
  log: EventLog
  feeds: readonly FeedDefinition[]
}

export interface FeedOptions {
  nc: NatsConnection
  jsm: JetStreamManager
  namespace: string
  /** The stream of the feed; it is there. */
  stream: string
  store: FollowerStore
  logger: Logger
  settings?: Partial<FollowerSettings>
}

/** What the followers of the feed are known by in the store. */
export const FEED = 'feed'

/**
 * Prepares the publishing of a context's events. A context that is published for the first time begins with what happens from now on.
 */
export async function openFeed(
  { nc, jsm, namespace, stream, store, logger, settings }: FeedOptions,
  { context, log, feeds }: FeedOfContext,
): Promise<Follower> {
  const byAggregate = new Map(feeds.map((feed) => [feed.from.name, feed]))
  const lookup = { jsm, stream }
  const types = new Set(feeds.flatMap(({ publications }) => [...publications.values()].map(({ as }) => as)))
  const requester = createRequester(nc)
  return await openFollower({
    store,
    kind: FEED,
    name: context,
    source: await logSource({ nc, namespace, log, aggregates: [...byAggregate.keys()] }),
    beginning: 'now',
    // Whoever reads the feed may rely on the order of an aggregate's events, so nothing overtakes what is parked.
    order: 'aggregate',
    handler: async ({ epoch }) =>
      createPublisher({
        nc,
        requester,
        namespace,
        lookup,
        feeds: byAggregate,
        epoch,
        doubtfulUpTo: await publishedUpTo(lookup, { namespace, types, log }),
      }),
    logger,
    ...(settings && { settings }),
  })
}
