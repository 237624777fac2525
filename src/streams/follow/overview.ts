import { parseCheckpoint } from './checkpoint.ts'
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
  /** How many messages the stream has behind the checkpoint: no less than are to be handled. Null when it does not answer. */
  behind: number | null
  /** The stream is not the one that the checkpoint is of, or ends before it. */
  mismatch: boolean
  parked: number
}

/** A parked event, and whose it is. */
export type RecordedParked = ParkedItem & { name: string }

/** The followers of a kind that there are, by name. */
export async function followersOf(store: FollowerStore, kind: string): Promise<FollowerName[]> {
  const keys = await store.keys(`${kind}.*.*.checkpoint`)
  return keys.toSorted().map((key) => {
    const [, name = '', stream = ''] = key.split('.')
    return { kind, name, stream }
  })
}

/** How far a follower is. */
export async function readFollower(
  store: FollowerStore,
  follower: FollowerName,
  stateOf: (stream: string) => Promise<SourceState | undefined>,
): Promise<RecordedFollower> {
  const keys = keysOf(follower)
  const [checkpoint, lease, parked, state] = await Promise.all([
    store.get(keys.checkpoint),
    store.get(keys.lease),
    store.keys(keys.allParked),
    stateOf(follower.stream),
  ])
  const place = parseCheckpoint(checkpoint?.value)
  const holder = parseLease(lease?.value)
  const sequence = place?.sequence ?? 0
  return {
    ...follower,
    active: holder?.held ? holder.host : null,
    checkpoint: sequence,
    behind: state ? Math.max(0, state.last - sequence) : null,
    mismatch:
      state !== undefined && sequence > 0 && (state.created !== place?.created || state.last < sequence),
    parked: parked.length,
  }
}

/** What is parked of some followers, the oldest first of each. */
export async function listParkedOf(
  store: FollowerStore,
  followers: readonly FollowerName[],
): Promise<RecordedParked[]> {
  const lists = await Promise.all(
    followers.map(async (follower) => {
      const entries = await loadParked(store, follower)
      return entries.map(({ item }) => ({ name: follower.name, ...item }))
    }),
  )
  return lists.flat()
}
