import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { ensureStream } from './ensure-stream.ts'
import type { StreamDifference } from './stream-mismatch.ts'
import { isEventSubject } from '../events/subjects.ts'
import { type Storage, storageType } from './storage-type.ts'

/** The stream of a context's log. */
export interface LogSpec {
  name: string
  subjects: string[]
  replicas: number
  storage: Storage
  /** How long the server remembers a `Nats-Msg-Id`, in milliseconds; it costs about 250 bytes of memory an id. */
  duplicateWindowMs: number
}

/**
 * Sees to it that the stream of a log exists as specified, and answers its info; see `ensureStream`. Subjects are only ever added:
 * a replica of an older release that starts during a rolling deploy must not take the newer one's away.
 *
 * @throws StreamMismatchError STREAM_MISMATCH
 */
export async function provisionLog(
  jsm: JetStreamManager,
  spec: LogSpec,
  report: (differences: StreamDifference[]) => void,
): Promise<StreamInfo> {
  return await ensureStream(jsm, {
    wanted: configOf(spec),
    purpose: { code: 'STREAM_MISMATCH', setting: '[streams.names]' },
    report,
    mayHold: isEventSubject,
  })
}

/** A log keeps everything for ever and refuses what it has no room for; nobody takes anything out of it. */
function configOf({ name, subjects, replicas, storage, duplicateWindowMs }: LogSpec) {
  return {
    name,
    subjects: subjects.toSorted(),
    num_replicas: replicas,
    storage: storageType(storage),
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    duplicate_window: nanos(duplicateWindowMs),
    allow_direct: true,
    allow_atomic: true,
    deny_delete: true,
    deny_purge: true,
  } satisfies Partial<StreamConfig>
}
