import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import { randomBytes } from 'node:crypto'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { provisioned } from '../../streams/provision/provisioned.ts'
import { type Storage, storageType } from '../../streams/provision/storage-type.ts'

export interface CursorKeyOptions {
  nc: NatsConnection
  /** `<namespace>_keys` by custom. */
  bucket: string
  replicas: number
  storage: Storage
}

const KEY = 'cursor'
const ATTEMPTS = 10

/**
 * The key that cursors are signed with where none is configured: random, made once and kept beside the logs, so that all
 * replicas have the same and a restart keeps it. Who can read it can write the logs as well.
 *
 * @throws LogUnavailableError when it can neither be read nor made
 */
export async function sharedCursorKey({
  nc,
  bucket,
  replicas,
  storage,
}: CursorKeyOptions): Promise<Uint8Array> {
  const kv = await provisioned(`the bucket ${bucket}`, () =>
    new Kvm(nc).create(bucket, {
      history: 1,
      replicas,
      storage: storageType(storage),
      // By the leader: a replica that is behind does not have yet what another process has just made.
      allow_direct: false,
    }),
  )
  let cause: unknown
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const entry = await kv.get(KEY)
    if (entry?.operation === 'PUT') return entry.value
    // Of several processes that make one at the same time, one does; the others read it in the next round.
    cause = await kv.create(KEY, randomBytes(32)).catch((error: unknown) => error)
  }
  throw new LogUnavailableError('refused', 'The key for cursors could not be made', cause)
}
