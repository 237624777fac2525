import { DiscardPolicy, type JetStreamManager, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { ensureStream } from '../streams/provision/ensure-stream.ts'
import type { StreamDifference } from '../streams/provision/stream-mismatch.ts'
import { allOfFeed } from './feed-subjects.ts'
import { type Storage, storageType } from '../streams/provision/storage-type.ts'

export interface FeedStreamOptions {
  jsm: JetStreamManager
  stream: string
  namespace: string
  replicas: number
  storage: Storage
  /** How long a message is kept, in milliseconds. */
  maxAgeMs: number
  onMigration: (differences: StreamDifference[]) => void
}

/** For so long the server itself refuses an event that it has; past that the publisher looks. */
const DUPLICATE_WINDOW_MS = 120_000

/**
 * Sees to it that the stream of the feed exists; see `ensureStream`. Age and replicas follow the configuration, whatever they were.
 * One that holds anything else is never made the feed's: it would lose what is older than a few days.
 * @throws StreamMismatchError FEED_STREAM_MISMATCH
 */
export async function provisionFeed({ jsm, onMigration, ...options }: FeedStreamOptions): Promise<void> {
  await ensureStream(jsm, {
    wanted: configOf(options),
    purpose: { code: 'FEED_STREAM_MISMATCH', setting: '[streams.names] feed = "…"' },
    report: onMigration,
  })
}

function configOf({
  stream,
  namespace,
  replicas,
  storage,
  maxAgeMs,
}: Omit<FeedStreamOptions, 'jsm' | 'onMigration'>) {
  return {
    name: stream,
    subjects: [allOfFeed(namespace)],
    num_replicas: replicas,
    storage: storageType(storage),
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, maxAgeMs)),
    allow_direct: true,
  } satisfies Partial<StreamConfig>
}
