import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { AggregateHome } from '../commands/actors.ts'
import type { CommandSender } from '../commands/client/command-sender.ts'
import { provisionFeed } from '../feed/provision-feed.ts'
import { openFeed } from '../feed/start-feed.ts'
import { openReactor } from '../sagas/reactors/start-reactor.ts'
import type { Follower } from '../streams/follow/follower.ts'
import { openFollowerStore } from '../streams/follow/store.ts'
import type { Config } from './config/index.ts'
import type { Context } from './define-context.ts'
import { bucketSpec, migrationOf, streamName } from './kernel.ts'

const HOUR_MS = 3_600_000

export interface FollowersOptions {
  nc: NatsConnection
  config: Config
  served: readonly Context[]
  homes: ReadonlyMap<string, AggregateHome>
  sender: CommandSender
  logger: Logger
}

/** The feed and the reactors of this process. */
export interface Followers {
  start(): void
  stop(): Promise<void>
}

/** The bucket that leases, checkpoints and parked events of followers are in. */
export function followersBucket({ namespace }: Pick<Config, 'namespace'>): string {
  return `${namespace}_followers`
}

/**
 * Prepares the feed and the reactors of the contexts that are served: they miss nothing that happens from now on, and do nothing
 * before they are started.
 *
 * @throws HeadwaterError FEED_STREAM_MISMATCH, REACTOR_INVALID
 */
export async function openFollowers(options: FollowersOptions): Promise<Followers> {
  const { nc, config, served, homes, sender, logger } = options
  const { namespace } = config
  const { replicas, storage } = config.streams
  const feeds = config.feed.enabled ? served.filter(({ feeds: declared }) => declared.length > 0) : []
  const reactors = served.flatMap((context) => context.reactors)
  if (feeds.length === 0 && reactors.length === 0) return none

  const jsm = await jetstreamManager(nc, { timeout: 2000, checkAPI: false })
  const store = await openFollowerStore(bucketSpec(nc, followersBucket(config), config, logger))
  const stream = streamName('feed', config)
  if (feeds.length > 0 || reactors.some(({ source }) => source.kind === 'feed')) {
    const maxAgeMs = config.feed.maxAgeHours * HOUR_MS
    const onMigration = migrationOf(stream, logger)
    await provisionFeed({ jsm, stream, namespace, replicas, storage, maxAgeMs, onMigration })
  }
  const logs = new Map([...homes].map(([name, { log }]) => [name, log]))
  const feedOptions = { nc, jsm, namespace, stream, store, logger }
  const reactorOptions = { nc, jsm, namespace, store, logs, feedStream: stream, sender, logger }
  const opening = [
    ...feeds.map(async ({ name, aggregates, feeds: declared }) => {
      const log = logs.get(aggregates[0]?.name ?? '')
      return log ? [await openFeed(feedOptions, { context: name, log, feeds: declared })] : []
    }),
    ...reactors.map((reactor) => openReactor(reactorOptions, reactor)),
  ]
  const followers: Follower[] = (await Promise.all(opening)).flat()
  return {
    start() {
      for (const follower of followers) follower.start()
    },
    async stop() {
      await Promise.all(followers.map((follower) => follower.stop()))
    },
  }
}

const none: Followers = { start() {}, async stop() {} }
