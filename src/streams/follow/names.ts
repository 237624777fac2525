import { hash } from 'node:crypto'
import { isToken } from '../events/subjects.ts'

/** Which follower it is: `feed.orders.ORDERS`, `reactor.restock.INVENTORY`. */
export interface FollowerName {
  /** What it is for; a command line shows those of one kind. */
  kind: string
  /** One token. */
  name: string
  stream: string
}

/** What a parked event says of where it is from. */
interface Parked {
  aggregate: string
  id: string
  sequence: number
}

/** What all its keys begin with. */
export function prefixOf({ kind, name, stream }: FollowerName): string {
  return `${kind}.${name}.${stream}`
}

/** Keys of one follower in the store. */
export function keysOf(follower: FollowerName) {
  const prefix = prefixOf(follower)
  return {
    lease: `${prefix}.lease`,
    checkpoint: `${prefix}.checkpoint`,
    request: `${prefix}.request`,
    /** What is parked of one lane. */
    parked: (lane: string) => `${prefix}.parked.${lane}`,
    allParked: `${prefix}.parked.>`,
    /** The lane of what stands under such a key, by what that says of itself: an older release wrote long names out in the key. */
    laneOfParked(key: string, { aggregate, id, sequence }: Parked): string {
      const isAlone = key.slice(`${prefix}.parked.`.length).split('.').length > 2
      return isAlone ? ownLaneOf(aggregate, id, sequence) : laneOf(aggregate, id)
    },
  }
}

/**
 * What is handled in order: an aggregate, in words that may stand in a key. A foreign program may have written to a subject that
 * no id of ours could make.
 */
export function laneOf(aggregate: string, id: string): string {
  return `${keyToken(aggregate)}.${keyToken(id)}`
}

/** The lane of one item alone, where each is for itself. */
export function ownLaneOf(aggregate: string, id: string, sequence: number): string {
  return `${laneOf(aggregate, id)}.${sequence}`
}

/** A key is the subject of a publish: beyond 4096 bytes of them (`max_control_line`) the server closes the connection that all share. */
const MAX_WRITTEN_OUT = 128

function keyToken(text: string): string {
  if (isToken(text)) return text
  if (text.length > MAX_WRITTEN_OUT) return `==${hash('sha256', text, 'base64url')}`
  return `=${Buffer.from(text).toString('base64url')}`
}
