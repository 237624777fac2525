import type { ClientBase } from 'pg'
import type { Commit } from '../../streams/events/commit.ts'
import { MalformedCommitError } from '../../streams/events/commit.ts'
import { BatchCommitError, type DecodedBatch, decodeBatch } from '../batch/decode-batch.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { EventFailedError } from '../errors.ts'
import type { EventParking } from '../batch/fold-batch.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import { type ParkedEntry, createPassParking } from '../parking/parking.ts'
import { MAX_BLOCKED, type ParkingLot } from '../parking/parking-lot.ts'
import { sourcesByName } from '../sources/source-streams.ts'

/** What of the log goes into a table that is filled from it, and what is left out. */
export interface Intake {
  /** @throws BatchCommitError for an event that cannot be decoded, and is not to be left out */
  open(commits: readonly Commit[]): Opened
  /** Writes what was left out, in the transaction at hand. */
  flush(client: ClientBase): Promise<void>
}

export interface Opened {
  batch: DecodedBatch
  /** Hears of events that cannot be applied; undefined where these end the work. */
  parking: EventParking | undefined
  /** To be called when the batch was applied: what was left out of it blocks what comes next. */
  settle: () => void
}

/**
 * Leaves out what cannot be applied, as the live table's runner does, and keeps it in the lot. What no schema knows is not
 * left out: rows without it would not be exact.
 */
export function parkingIntake(projection: ProjectionDefinition, lot: ParkingLot): Intake {
  const sources = sourcesByName(projection)
  let waiting: ParkedEntry[] = []
  return {
    open(commits) {
      const pass = createPassParking(commits, (aggregate, id) => lot.blocks(aggregate, id), 'park')
      const decoding = {
        ...pass.decoding,
        poison(owner: number, index: number, cause: unknown) {
          // Garbage between the commits was never a part of any row.
          if (!(cause instanceof MalformedCommitError)) throw unknown(projection, commits, owner, cause)
          pass.decoding.poison?.(owner, index, cause)
        },
      }
      const batch = decodeBatch(projection, sources, commits, decoding)
      return {
        batch,
        parking: pass.applying(batch),
        settle() {
          const entries = pass.entries(1)
          if (entries.length === 0) return
          lot.add(entries)
          for (const entry of entries) waiting.push(entry)
          if (lot.parked <= MAX_BLOCKED) return
          throw new NotRebuildableError(
            projection.name,
            `events of more than ${MAX_BLOCKED.toLocaleString('en')} aggregates cannot be applied`,
          )
        },
      }
    },
    async flush(client) {
      await lot.insert(client, waiting)
      waiting = []
    },
  }
}

/**
 * Takes everything but the given events; whatever else cannot be decoded or applied is an error.
 * @param leftOut by `placeOf`
 */
export function exactIntake(
  projection: ProjectionDefinition,
  leftOut: ReadonlySet<string> = new Set(),
): Intake {
  const sources = sourcesByName(projection)
  return {
    open(commits) {
      const isLeftOut = (owner: number, index: number) => {
        const position = commits[owner]?.position
        return leftOut.size > 0 && position !== undefined && leftOut.has(placeOf(position, index))
      }
      const decoded = decodeBatch(projection, sources, commits, {
        blocks: () => false,
        queue: () => undefined,
        poison(owner, index, cause) {
          if (!isLeftOut(owner, index)) throw unknown(projection, commits, owner, cause)
        },
      })
      const { events, owners, indexes } = decoded
      const keep = (_: unknown, at: number) => !isLeftOut(owners[at] ?? 0, indexes[at] ?? 0)
      const batch =
        leftOut.size === 0
          ? decoded
          : { events: events.filter(keep), owners: owners.filter(keep), indexes: indexes.filter(keep) }
      return { batch, parking: undefined, settle: () => undefined }
    },
    flush: async () => undefined,
  }
}

/** How an event's place is written in a set. */
export function placeOf({ stream, sequence }: Commit['position'], index: number): string {
  return `${stream} ${sequence} ${index}`
}

function unknown(
  { name }: ProjectionDefinition,
  commits: readonly Commit[],
  owner: number,
  cause: unknown,
): BatchCommitError {
  const position = commits[owner]?.position ?? { stream: '', sequence: 0 }
  return new BatchCommitError(owner, new EventFailedError(name, position, cause))
}
