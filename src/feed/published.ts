import type { JetStreamManager } from '@nats-io/jetstream'
import type { EventLog } from '../streams/log/event-log.ts'
import { leaderLastOf } from '../streams/log/lookup.ts'
import { EPOCH_HEADER } from './feed-message.ts'
import { feedSubjects } from './feed-subjects.ts'

export interface FeedLookup {
  jsm: JetStreamManager
  /** The stream of the feed. */
  stream: string
}

/** By how much the clocks of two servers may differ. */
const CLOCK_SKEW_MS = 60_000

/**
 * How far a log may have been published: up to what was recorded when the last message of the types was. What came later cannot be in
 * the feed; of what came before, some may not be, since aggregates are published side by side.
 */
export async function publishedUpTo(
  lookup: FeedLookup,
  { namespace, types, log }: { namespace: string; types: Iterable<string>; log: EventLog },
): Promise<number> {
  const last = await Promise.all(
    [...types].map(
      async (type) => (await leaderLastOf(feedSubjects(namespace, type), lookup))?.recordedAt ?? 0,
    ),
  )
  const latest = Math.max(0, ...last)
  return latest === 0 ? 0 : await log.sequenceBefore(new Date(latest + CLOCK_SKEW_MS))
}

/**
 * Whether the feed has an event. The last message of its subject tells: an aggregate's events are published in order. One of another
 * epoch tells nothing: the log was put back to an earlier state since, and versions were used again.
 */
export async function isPublished(
  lookup: FeedLookup,
  { subject, id, version, epoch }: { subject: string; id: string; version: number; epoch: number },
): Promise<boolean> {
  const last = await leaderLastOf(subject, lookup)
  if (!last) return false
  if (last.header('ce-id') === id) return true
  return Number(last.header(EPOCH_HEADER) ?? 0) === epoch && Number(last.header('ce-sequence')) > version
}
