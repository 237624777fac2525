import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type KV, Kvm, type KvOptions } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import { ensureStream, isClustered } from './ensure-stream.ts'
import { provisioned } from './provisioned.ts'
import { type Storage, storageType } from './storage-type.ts'
import type { StreamDifference } from './stream-mismatch.ts'

/** A key-value bucket, which keeps the newest value of each key. */
export interface BucketSpec {
  nc: NatsConnection
  bucket: string
  replicas: number
  storage: Storage
  /** Hears of what is changed of a bucket that is there already. */
  onMigration?: ((differences: StreamDifference[]) => void) | undefined
}

const TIMEOUT_MS = 2000

/**
 * Opens a bucket, and makes it when it is not there. One that is there gets as many replicas as are wanted, where there is a cluster
 * to have them; its other settings stay.
 *
 * @throws StreamMismatchError when the cluster does not take the replicas; LogUnavailableError when no answer comes
 */
export async function provisionBucket(
  { nc, bucket, replicas, storage, onMigration = () => {} }: BucketSpec,
  options: Pick<Partial<KvOptions>, 'allow_direct' | 'markerTTL'> = {},
): Promise<KV> {
  const kvm = new Kvm(jetstream(nc, { timeout: TIMEOUT_MS }))
  const [kv, info] = await provisioned(`the bucket ${bucket}`, async () => {
    const opened = await kvm.create(bucket, {
      history: 1,
      replicas,
      storage: storageType(storage),
      ...options,
    })
    return [opened, (await opened.status()).streamInfo]
  })
  const { name, subjects, num_replicas: actual } = info.config
  if (actual !== replicas && isClustered(info)) {
    const jsm = await jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false })
    await ensureStream(jsm, {
      wanted: { name, subjects, num_replicas: replicas },
      purpose: { code: 'STREAM_MISMATCH' },
      report: onMigration,
    })
  }
  return kv
}
