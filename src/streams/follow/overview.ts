import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { parseLease } from './lease.ts'
import { type FollowerName, keysOf } from './names.ts'
import { type ParkedItem, loadParked } from './parked-item.ts'
import type { SourceState } from './source.ts'
import type { FollowerStore } from './store.ts'

/** A follower as it is kept, whichever process runs it. */
export interface RecordedFollower extends FollowerName {
  /** The host and process that has the lease; null when nobody has, or has given it back. One that has just died is still named. */
  active: string | null
  checkpoint: number
  /**
   * How many messages the stream has from the first on that is to be handled: no fewer than that, and 0 when there is none, whatever
   * the stream has of others. Null when it does not answer.
   */
  behind: number | null
  /** The stream is not the one that the checkpoint is of, or ends before it. */
  mismatch: boolean
  parked: number
}

/** A parked event, and whose it is. */
export type RecordedParked = Omit<ParkedItem, 'term'> & { name: string }

/** The followers of a kind that there are, by name. */
export async function followersOf(store: FollowerStore, kind: string): Promise<FollowerName[]> {
  const keys = await store.keys(`${kind}.*.*.checkpoint`)
  return keys.toSorted().map((key) => {
    const [, name = '', stream = ''] = key.split('.')
    return { kind, name, stream }
  })
}

/** What a stream is asked; undefined when it is not there. */
export interface StreamView {
  stateOf: (stream: string) => Promise<SourceState | undefined>
  /** Where the first message of some subjects stands behind a sequence. */
  nextOf: (stream: string, subjects: readonly string[], after: number) => Promise<number | undefined>
}

/** How far a follower is. */
export async function readFollower(
  store: FollowerStore,
  follower: FollowerName,
  streams: StreamView,
): Promise<RecordedFollower> {
  const keys = keysOf(follower)
  const [checkpoint, lease, parked, state] = await Promise.all([
    store.get(keys.checkpoint),
    store.get(keys.lease),
    loadParked(store, follower),
    streams.stateOf(follower.stream),
  ])
  const place = parseCheckpoint(checkpoint?.value)
  const holder = parseLease(lease?.value)
  const sequence = place?.sequence ?? 0
  const mismatch =
    state !== undefined && sequence > 0 && (state.created !== place?.created || state.last < sequence)
  return {
    ...follower,
    active: holder?.held ? holder.host : null,
    checkpoint: sequence,
    behind: state ? await behind(streams, follower.stream, state, place) : null,
    mismatch,
    parked: parked.length,
  }
}

async function behind(
  { nextOf }: StreamView,
  stream: string,
  { last }: SourceState,
  place: Checkpoint | undefined,
): Promise<number> {
  const { sequence, subjects } = place ?? { sequence: 0 }
  if (last <= sequence) return 0
  const next = subjects ? await nextOf(stream, subjects, sequence) : sequence + 1
  return next === undefined ? 0 : Math.max(0, last - next + 1)
}

/** What is parked of some followers, the oldest first of each. */
export async function listParkedOf(
  store: FollowerStore,
  followers: readonly FollowerName[],
): Promise<RecordedParked[]> {
  const lists = await Promise.all(
    followers.map(async (follower) => {
      const entries = await loadParked(store, follower)
      return entries.map(({ item }) => {
        const { term: _, ...told } = item
        return { name: follower.name, ...told }
      })
    }),
  )
  return lists.flat()
}
