import { JetStreamApiError, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import { HeadwaterError } from '../errors.ts'
import { findStream } from '../provision/ensure-stream.ts'
import { type BucketSpec, provisionBucket } from '../provision/provision-bucket.ts'
import { provisioned } from '../provision/provisioned.ts'

export interface StoredEntry {
  /** What was written, from JSON; undefined when it is none. */
  value: unknown
  revision: number
}

/** Small values that several processes change, each by compare-and-set. Rejects with the client's errors when NATS is away. */
export interface FollowerStore {
  get(key: string): Promise<StoredEntry | undefined>
  /** The revision; undefined when the key is there already. */
  create(key: string, value: unknown): Promise<number | undefined>
  /** The new revision; undefined when the entry is no longer of the given one. */
  update(key: string, value: unknown, revision: number): Promise<number | undefined>
  /** False when the entry is no longer of the given revision. */
  remove(key: string, revision: number): Promise<boolean>
  /** The keys that match, with `*` and `>` as in subjects; maybe also some that were removed within the last minute. */
  keys(filter: string): Promise<string[]>
}

/** JSStreamWrongLastSequenceErrF, and its form without a number. */
const CONFLICTS = [10071, 10164]
const MARKER_TTL = '1m'
/** Less than a lease lasts. */
const TIMEOUT_MS = 2000

/**
 * Opens the bucket of the followers, `<namespace>_followers` by custom, and makes it when it is not there. Throws what
 * `provisionBucket` throws.
 */
export async function openFollowerStore(spec: BucketSpec): Promise<FollowerStore> {
  // A lease that a replica behind the leader tells of may be long gone.
  const kv = await provisionBucket(spec, { allow_direct: false, markerTTL: 60_000 })
  return storeOf(kv, spec.bucket, await managerOf(spec.nc))
}

/**
 * The same for who only looks: nothing is made.
 * @throws HeadwaterError NO_FOLLOWERS when there is none
 */
export async function findFollowerStore(nc: NatsConnection, bucket: string): Promise<FollowerStore> {
  const jsm = await managerOf(nc)
  if (!(await provisioned(`the bucket ${bucket}`, () => findStream(jsm, `KV_${bucket}`)))) {
    throw new HeadwaterError({
      code: 'NO_FOLLOWERS',
      status: 404,
      detail: 'No service with a feed or reactors has run here yet',
    })
  }
  const kv = await new Kvm(jetstream(nc, { timeout: TIMEOUT_MS })).open(bucket, { allow_direct: false })
  return storeOf(kv, bucket, jsm)
}

const managerOf = (nc: NatsConnection) => jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false })

function storeOf(kv: KV, bucket: string, jsm: JetStreamManager): FollowerStore {
  return {
    async get(key) {
      const entry = await kv.get(key)
      if (entry?.operation !== 'PUT') return undefined
      return { value: parsed(entry.string()), revision: entry.revision }
    },
    create: (key, value) => unlessChanged(() => kv.create(key, JSON.stringify(value))),
    update: (key, value, revision) => unlessChanged(() => kv.update(key, JSON.stringify(value), revision)),
    async remove(key, revision) {
      const gone = await unlessChanged(async () => {
        await kv.purge(key, { previousSeq: revision, ttl: MARKER_TTL })
        return true
      })
      return gone === true
    },
    async keys(filter) {
      // Not `kv.keys`, which asks a consumer how much there is: a key that is just being written is not counted for a moment.
      const prefix = `$KV.${bucket}.`
      const { state } = await jsm.streams.info(`KV_${bucket}`, { subjects_filter: prefix + filter })
      return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length))
    },
  }
}

async function unlessChanged<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof JetStreamApiError && CONFLICTS.includes(error.code)) return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
