import { isToken } from '../events/subjects.ts'

/** Which follower it is: `feed.orders.ORDERS`, `reactor.restock.INVENTORY`. */
export interface FollowerName {
  /** What it is for; a command line shows those of one kind. */
  kind: string
  /** One token. */
  name: string
  stream: string
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
    /** The lane that such a key is of. */
    laneOfParked: (key: string) => key.slice(`${prefix}.parked.`.length),
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

function keyToken(text: string): string {
  return isToken(text) ? text : `=${Buffer.from(text).toString('base64url')}`
}
