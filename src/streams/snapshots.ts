import { z } from 'zod'
import { type BucketSpec, provisionBucket } from './provision/provision-bucket.ts'

/** Command ids that are kept beside a snapshot. */
const CommandPage = z.object({
  /** Of the page's key. */
  number: z.int().nonnegative(),
  /** The sequence of the last commit in it: it has all after the page before. */
  through: z.int().positive(),
  /** When the youngest was recorded, in seconds since 1970. */
  newest: z.int().nonnegative(),
  /** CRC-32 of the page. */
  crc: z.int().nonnegative(),
})

const Snapshot = z.object({
  format: z.literal(1),
  /** The version of the state's own shape; another one is of no use. */
  stateVersion: z.int(),
  /** When the stream was made: a snapshot of a stream that has since been made anew is of no use either. */
  streamCreated: z.string(),
  /** The sequence of the last commit that it covers. */
  sequence: z.int().positive(),
  /** The aggregate's version. */
  version: z.int().nonnegative(),
  state: z.unknown(),
  /** The recent command ids, packed, in base64; null when there were too many to carry along. */
  commands: z.string().nullable(),
  /** Where they are then, the rest as `commands` would be. An older release passes over it, and reads the log. */
  paged: z.object({ pages: z.array(CommandPage), rest: z.string() }).optional(),
})
export type Snapshot = z.output<typeof Snapshot>

/** Where snapshots are kept: a key-value bucket, one key an aggregate, the newest only. They are a cache: any may be lost. */
export interface Snapshots {
  /** The snapshot of an aggregate; undefined when there is none that can be used. */
  load(aggregate: string, id: string): Promise<Snapshot | undefined>
  save(aggregate: string, id: string, snapshot: Snapshot): Promise<void>
  /** What is kept beside the snapshot of an aggregate. */
  pages(aggregate: string, id: string): PageStore
}

/** Pages of bytes, by number. What is saved under a number that is there already takes its place. */
export interface PageStore {
  /** Bytes of the largest page that can be saved. */
  readonly largest: number
  load(number: number): Promise<Buffer | undefined>
  save(number: number, page: Buffer): Promise<void>
}

/** Opens the bucket, and makes it when it is not there. Throws what `provisionBucket` throws. */
export async function openSnapshots(spec: BucketSpec): Promise<Snapshots> {
  const kv = await provisionBucket(spec)
  const limit = (spec.nc.info?.max_payload ?? 1_048_576) - 1024
  return {
    async load(aggregate, id) {
      const entry = await kv.get(`${aggregate}.${id}`)
      if (!entry || entry.operation !== 'PUT') return undefined
      const parsed = Snapshot.safeParse(parseJson(entry.string()))
      return parsed.success ? parsed.data : undefined
    },
    async save(aggregate, id, snapshot) {
      const full = JSON.stringify(snapshot)
      // Without its command ids a snapshot still spares the fold; they are then read from the log again.
      const value =
        Buffer.byteLength(full) <= limit
          ? full
          : JSON.stringify({ ...snapshot, commands: null, paged: undefined })
      if (Buffer.byteLength(value) <= limit) await kv.put(`${aggregate}.${id}`, value)
    },
    pages(aggregate, id) {
      const keyOf = (number: number) => `${aggregate}.${id}.commands.${number}`
      return {
        largest: limit,
        async load(number) {
          const entry = await kv.get(keyOf(number))
          return entry?.operation === 'PUT' ? Buffer.from(entry.value) : undefined
        },
        async save(number, page) {
          await kv.put(keyOf(number), page)
        },
      }
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
