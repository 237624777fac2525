import type { Commit } from '../../streams/events/commit.ts'
import type { Point } from './topic.ts'

/** What a subscription is told: as `ChangeType` in the schema. */
export type ChangeType = 'STATE' | 'EVENT' | 'BOOKMARK'

/** What one payload of a subscription is made of. */
export interface Change<State> {
  readonly type: ChangeType
  /** Where to go on after it; null while that is still open. */
  readonly cursor: string | null
  /** The commit of its event, and which of its events it is; null when it has none. */
  readonly commit: Commit | null
  readonly index: number
  /** What is in the payload's state field; throws why it cannot be told. */
  readonly state: () => State | null
}

/** Where a subscription has come to once it was told this event of a commit. */
export function pointAfter(commit: Commit, index: number): Point {
  const isLast = index === commit.events.length - 1
  return { sequence: commit.position.sequence, index: isLast ? undefined : index }
}

export const nothing = () => null

/** A payload that only says how far the client has come. */
export function bookmark(cursor: string): Change<never> {
  return { type: 'BOOKMARK', cursor, commit: null, index: 0, state: nothing }
}

/** What all payloads of subscriptions have in common. */
export const changeTypeDefs = `
  "A place in a log, in one subscription: opaque, and not to be made up. It stays good over restarts, in every replica"
  scalar Cursor

  enum ChangeType {
    "The present state, told when a subscription begins without a cursor; there is no event to it"
    STATE
    "Something happened"
    EVENT
    "Nothing to tell, but a newer cursor: the present state has been told, or much happened that does not concern this subscription"
    BOOKMARK
  }
`
