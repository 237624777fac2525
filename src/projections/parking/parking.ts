import type { Commit } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { DecodeParking, DecodedBatch } from '../batch/decode-batch.ts'
import { reason } from '../errors.ts'
import type { EventParking } from '../batch/fold-batch.ts'

/** An event that is left out of the rows for now: the one that could not be applied, or one that waits behind it. */
export interface ParkedEntry {
  stream: string
  sequence: number
  /** Which event of the commit, from 0. */
  index: number
  aggregate: string
  aggregateId: string
  /** Empty, like the type, for a message that is no commit. */
  eventId: string
  type: string
  status: 'parked' | 'queued'
  code: string | null
  cause: string | null
  attempts: number
}

/** Collects what one pass over a batch leaves out. */
export interface PassParking {
  readonly decoding: DecodeParking
  /** For `foldBatch` or a writer, over the decoded events. */
  applying(batch: DecodedBatch): EventParking
  /** Leaves out everything, for the one reason. */
  refuse(batch: DecodedBatch, cause: unknown): void
  /** How many aggregates have met their first failure in this pass. */
  poisoned(): number
  /** In order; of each aggregate the first is `parked`, if nothing of it was before, and all others are `queued`. */
  entries(attempts: number): ParkedEntry[]
}

interface LeftOut {
  owner: number
  index: number
  cause: unknown
}

const CAUSE_LENGTH = 2000

/**
 * @param blocks whether something of an aggregate was left out before this batch
 * @param onPoison what to do with an event that cannot be decoded: `halt` ends the batch
 */
export function createPassParking(
  commits: readonly Commit[],
  blocks: (aggregate: string, id: string) => boolean,
  onPoison: 'park' | 'halt',
): PassParking {
  // No getters in what is made for every batch or request: V8 gives each object literal with one a hidden class of its own,
  // and that, always old, keeps all that the getter can see until a full collection. It halved the rate of a rebuild.
  const leftOut = new Map<string, LeftOut[]>()

  function add(owner: number, index: number, cause: unknown): void {
    const commit = commits[owner]
    if (!commit) return
    const key = blockKey(commit.aggregate, commit.id)
    const known = leftOut.get(key)
    if (known) known.push({ owner, index, cause })
    else leftOut.set(key, [{ owner, index, cause }])
  }

  const isBlocked = ([first]: LeftOut[]) => {
    const commit = first && commits[first.owner]
    return commit !== undefined && blocks(commit.aggregate, commit.id)
  }

  return {
    decoding: {
      blocks: (aggregate, id) =>
        (leftOut.size > 0 && leftOut.has(blockKey(aggregate, id))) || blocks(aggregate, id),
      queue: (owner, index) => add(owner, index, undefined),
      ...(onPoison === 'park' && { poison: add }),
    },
    applying: ({ owners, indexes }) => ({
      poison: (event, cause) => add(owners[event] ?? -1, indexes[event] ?? 0, cause),
      queue: (event) => add(owners[event] ?? -1, indexes[event] ?? 0, undefined),
    }),
    refuse({ owners, indexes }, cause) {
      for (const [event, owner] of owners.entries()) add(owner, indexes[event] ?? 0, cause)
    },
    poisoned() {
      let count = 0
      for (const list of leftOut.values()) if (!isBlocked(list)) count++
      return count
    },
    entries(attempts) {
      const entries: { owner: number; entry: ParkedEntry }[] = []
      for (const list of leftOut.values()) {
        // What decoding left out comes before what the fold did, wherever it stands: the order is the log's.
        list.sort((a, b) => a.owner - b.owner || a.index - b.index)
        const blocked = isBlocked(list)
        for (const [place, { owner, index, cause }] of list.entries()) {
          const commit = commits[owner]
          if (!commit) continue
          const how = place === 0 && !blocked ? parkedBecause(cause, attempts) : QUEUED
          entries.push({ owner, entry: { ...entryOf(commit, index), ...how } })
        }
      }
      return entries
        .sort((a, b) => a.owner - b.owner || a.entry.index - b.entry.index)
        .map(({ entry }) => entry)
    },
  }
}

const QUEUED = { status: 'queued', code: null, cause: null, attempts: 0 } as const

function entryOf({ position, aggregate, id, events }: Commit, index: number) {
  const event = events[index]
  // Of a foreign program's events only what reading relies on is checked.
  const eventId: unknown = event?.id
  return {
    ...position,
    index,
    aggregate: storable(aggregate),
    aggregateId: storable(id),
    eventId: storable(typeof eventId === 'string' ? eventId : ''),
    type: storable(event?.type ?? ''),
  }
}

function parkedBecause(cause: unknown, attempts: number) {
  return { status: 'parked', ...failureText(cause), attempts } as const
}

/** A failure as it is kept: a stable code, and what was said, within bounds. */
export function failureText(cause: unknown): { code: string; cause: string } {
  return {
    code: cause instanceof HeadwaterError ? cause.code : 'PROJECTION_EVENT_FAILED',
    cause: storable(reason(cause).slice(0, CAUSE_LENGTH)),
  }
}

/** What an aggregate is known by among the blocked ones. */
export function blockKey(aggregate: string, id: string): string {
  return storable(`${aggregate}.${id}`)
}

const NULLS = /\0/g

/** Text that PostgreSQL can hold: a foreign program may have written anything into the log. */
function storable(text: string): string {
  return text.toWellFormed().replace(NULLS, '\ufffd')
}
