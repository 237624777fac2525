import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  JetStreamApiError,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { HeadwaterError } from '../streams/errors.ts'
import { allOfFeed } from './feed-subjects.ts'

export interface FeedStreamOptions {
  jsm: JetStreamManager
  stream: string
  namespace: string
  replicas: number
  storage: 'file' | 'memory'
  /** How long a message is kept. */
  maxAgeMs: number
}

const STREAM_NOT_FOUND = 10059
/** For so long the server itself refuses an event that it has; past that the publisher looks. */
const DUPLICATE_WINDOW_MS = 120_000

/**
 * Sees to it that the stream of the feed exists. Age and replicas follow the configuration, whatever they were.
 * @throws HeadwaterError FEED_STREAM_MISMATCH when there is a stream that cannot be made so
 */
export async function provisionFeed(options: FeedStreamOptions): Promise<void> {
  const { jsm, stream } = options
  const wanted = configOf(options)
  const existing = await find(jsm, stream)
  if (existing && isSame(existing, wanted)) return
  // Never that of something else: as a feed it would lose what is older than a few days.
  if (existing && existing.subjects.join() !== wanted.subjects.join()) {
    throw mismatch(stream, `it holds ${existing.subjects.join(', ')}`)
  }
  try {
    // Two replicas that start at the same moment ask for the same: the server takes that.
    if (existing) await jsm.streams.update(stream, { ...existing, ...wanted })
    else await jsm.streams.add(wanted)
  } catch (cause) {
    const now = await find(jsm, stream)
    if (now && isSame(now, wanted)) return
    throw mismatch(stream, cause instanceof Error ? cause.message : 'unknown', cause)
  }
}

function mismatch(stream: string, why: string, cause?: unknown): HeadwaterError {
  const detail = `The stream ${stream} cannot be made the one of the feed: ${why}. Name another stream for the feed in the configuration ([streams.names] feed = "…")`
  return new HeadwaterError({ code: 'FEED_STREAM_MISMATCH', status: 500, detail, cause })
}

function configOf({ stream, namespace, replicas, storage, maxAgeMs }: FeedStreamOptions) {
  return {
    name: stream,
    subjects: [allOfFeed(namespace)],
    num_replicas: replicas,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, maxAgeMs)),
    allow_direct: true,
  } satisfies Partial<StreamConfig>
}

async function find(jsm: JetStreamManager, stream: string): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(stream)).config
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined
    throw error
  }
}

function isSame(existing: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  const found = new Map<string, unknown>(Object.entries(existing))
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(found.get(key)) === JSON.stringify(value),
  )
}
