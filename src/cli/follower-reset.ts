import { HeadwaterError } from '../streams/errors.ts'
import type { FollowerName } from '../streams/follow/names.ts'
import { resetFollower } from '../streams/follow/request.ts'
import type { FollowerStore } from '../streams/follow/store.ts'
import type { FollowerSession } from './follower-session.ts'

/**
 * Puts a follower to a place in its stream as that is now: `now`, `beginning`, or the first sequence that it is to handle.
 * @returns the checkpoint
 * @throws HeadwaterError STREAM_UNAVAILABLE, INVALID_PLACE
 */
export async function resetAt(
  store: FollowerStore,
  follower: FollowerName,
  from: string,
  { stateOf }: FollowerSession['streams'],
): Promise<number> {
  const state = await stateOf(follower.stream)
  if (!state) {
    throw new HeadwaterError({
      code: 'STREAM_UNAVAILABLE',
      status: 503,
      detail: `The stream ${follower.stream} is not there, or does not answer`,
    })
  }
  const { created, first, last } = state
  const places: Record<string, number> = { now: last, beginning: Math.max(0, first - 1) }
  const sequence = places[from] ?? (/^[1-9]\d*$/.test(from) ? Number(from) - 1 : Number.NaN)
  if (!(sequence <= last)) {
    throw new HeadwaterError({
      code: 'INVALID_PLACE',
      status: 400,
      detail: `${JSON.stringify(from)} is no place to go on: now, beginning, or a sequence up to ${last + 1}`,
    })
  }
  await resetFollower(store, follower, { created, sequence })
  return sequence
}
