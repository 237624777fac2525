import { randomBytes } from 'node:crypto'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { type BucketSpec, provisionBucket } from '../../streams/provision/provision-bucket.ts'
import { provisioned } from '../../streams/provision/provisioned.ts'

const KEY = 'cursor'
const ATTEMPTS = 10

/**
 * The key that cursors are signed with where none is configured: random, made once and kept beside the logs, so that all
 * replicas have the same and a restart keeps it. Who can read it can write the logs as well.
 *
 * @param spec of the bucket, `<namespace>_keys` by custom
 * @throws LogUnavailableError when it can neither be read nor made; what `provisionBucket` throws
 */
export async function sharedCursorKey(spec: BucketSpec): Promise<Uint8Array> {
  // By the leader: a replica that is behind does not have yet what another process has just made.
  const kv = await provisionBucket(spec, { allow_direct: false })
  return await provisioned('the key for cursors', async () => {
    let cause: unknown
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const entry = await kv.get(KEY)
      if (entry?.operation === 'PUT') return entry.value
      // Of several processes that make one at the same time, one does; the others read it in the next round.
      cause = await kv.create(KEY, randomBytes(32)).catch((error: unknown) => error)
    }
    throw new LogUnavailableError('refused', 'The key for cursors could not be made', cause)
  })
}
