import { DiscardPolicy, type JetStreamManager, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream'
import { ensureStream } from '../../streams/provision/ensure-stream.ts'
import type { StreamDifference } from '../../streams/provision/stream-mismatch.ts'
import { type Storage, storageType } from '../../streams/provision/storage-type.ts'

export interface TimersStreamOptions {
  namespace: string
  /** The stream of the timers. */
  stream: string
  replicas: number
  storage: Storage
  onMigration: (differences: StreamDifference[]) => void
}

/**
 * Sees to it that the stream of timers exists; see `ensureStream`. It has no other use: a stream with schedules lets whoever may
 * publish take messages out of it.
 * https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-51.md
 *
 * @throws StreamMismatchError TIMERS_STREAM_MISMATCH
 */
export async function provisionTimers(
  jsm: JetStreamManager,
  { namespace, stream, replicas, storage, onMigration }: TimersStreamOptions,
): Promise<void> {
  const wanted = {
    name: stream,
    subjects: [`${namespace}.timer.>`],
    num_replicas: replicas,
    storage: storageType(storage),
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    allow_msg_schedules: true,
    allow_msg_ttl: true,
    allow_direct: true,
  } satisfies Partial<StreamConfig>
  await ensureStream(jsm, {
    wanted,
    purpose: { code: 'TIMERS_STREAM_MISMATCH', setting: '[streams.names] saga_timers = "…"' },
    report: onMigration,
  })
}
