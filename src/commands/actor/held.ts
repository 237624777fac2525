import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Loaded } from './activation.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'

/**
 * An aggregate that its actor has lent out: until it is given back, single commands wait in the actor's mailbox, and nobody
 * else of this process decides on it.
 */
export interface Held {
  readonly aggregate: Aggregate
  readonly id: string
  readonly subject: string
  /** The source of its events. */
  readonly source: string
  readonly loaded: Readonly<Loaded>
  /** Whether the leader has nothing newer. */
  isCurrent(): Promise<boolean>
  /** Reads what others have appended since; nothing is read when it is current. */
  catchUp(): Promise<void>
  /** Takes over what has been stored for it. */
  stored(result: StoredResult): void
  /** Gives it back. */
  release(): void
  /** Gives it back, and what is in memory may not be what is in the log: the next command reads it again. */
  forget(): void
}

export interface StoredResult {
  events: readonly CloudEvent[]
  state: unknown
  version: number
  sequence: number
}
