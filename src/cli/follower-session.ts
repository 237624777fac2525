import { jetstreamManager } from '@nats-io/jetstream'
import { followersBucket } from '../runtime/open-followers.ts'
import { HeadwaterError } from '../streams/errors.ts'
import type { FollowerName } from '../streams/follow/names.ts'
import { type StreamView, followersOf } from '../streams/follow/overview.ts'
import { type FollowerStore, findFollowerStore } from '../streams/follow/store.ts'
import { nextOf, stateOf } from '../streams/follow/stream-state.ts'
import { withSession } from './session.ts'

/** A kind of follower, as the command line speaks of it. */
export interface FollowerGroup {
  kind: string
  command: string
  /** What each is named after. */
  subject: string
}

export interface FollowerSession {
  store: FollowerStore
  followers: FollowerName[]
  streams: StreamView
}

/** Connects to the NATS system of the service and looks which followers there are. */
export async function withFollowers<T>(
  { kind }: FollowerGroup,
  work: (session: FollowerSession) => Promise<T>,
): Promise<T> {
  return await withSession(async ({ nc, config }) => {
    const store = await findFollowerStore(nc, followersBucket(config))
    const jsm = await jetstreamManager(nc, { timeout: 2000, checkAPI: false })
    return await work({
      store,
      followers: await followersOf(store, kind),
      streams: {
        async stateOf(stream) {
          const info = await jsm.streams.info(stream).catch(notThere)
          return info && stateOf(info)
        },
        nextOf: (stream, subjects, after) => nextOf({ jsm, stream }, subjects, after),
      },
    })
  })
}

const notThere = () => undefined

/** Those of a name: one, or one for each stream that it follows. Throws UNKNOWN_FOLLOWER, and says which there are. */
export function chosen({ subject }: FollowerGroup, followers: FollowerName[], name: string): FollowerName[] {
  const own = followers.filter((follower) => follower.name === name)
  if (own.length > 0) return own
  const names = [...new Set(followers.map((follower) => follower.name))]
  throw new HeadwaterError({
    code: 'UNKNOWN_FOLLOWER',
    status: 404,
    detail: `There is no ${subject} ${JSON.stringify(name)} here; there are ${names.join(', ') || 'none'}`,
  })
}

/** The one on a stream; without a stream the only one. Throws UNKNOWN_FOLLOWER. */
export function oneOf(
  { subject }: FollowerGroup,
  own: FollowerName[],
  name: string,
  stream: string | undefined,
): FollowerName {
  const [one, another] = own.filter((follower) => stream === undefined || follower.stream === stream)
  if (one && !another) return one
  throw new HeadwaterError({
    code: 'UNKNOWN_FOLLOWER',
    status: 404,
    detail: `The ${subject} ${name} follows ${own.map((follower) => follower.stream).join(', ')}: say which`,
  })
}
