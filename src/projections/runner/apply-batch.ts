import type { Commit } from '../../streams/events/commit.ts'
import { type Positions, type Standing, advanceCheckpoints } from '../positions/checkpoint.ts'
import { type DecodedBatch, decodeBatch, ofCommit } from '../batch/decode-batch.ts'
import { BatchEventError } from '../batch/fold-batch.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { type ParkedEntry, type PassParking, createPassParking } from '../parking/parking.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import type { Session } from '../database/session.ts'
import type { SourcesByName } from '../sources/source-streams.ts'
import { type Writer, type Writing, writeOneByOne } from '../batch/writer.ts'

export interface ApplyOptions {
  session: Session
  projection: ProjectionDefinition
  sources: SourcesByName
  standing: Standing
  write: Writer
  lot: ParkingLot
}

/** How a batch is tried, where its projection parks. */
export interface Pass {
  /** The first is 1. */
  attempt: number
  /** Whether to park what fails; otherwise PoisonError ends the pass. */
  park: boolean
  /** Event by event, after the whole batch was refused. */
  oneByOne: boolean
  /** Nothing of it can be written, and this is why: everything is parked. */
  refused?: unknown
}

export const FIRST_PASS: Pass = { attempt: 1, park: false, oneByOne: false }

/** Some events of the batch could not be applied. Nothing was written: they are worth another attempt. */
export class PoisonError extends Error {
  constructor(count: number) {
    super(`Events of ${count} aggregates cannot be applied`)
  }
}

/**
 * Applies commits in one transaction: the checkpoints move from `expected` to the last of each stream, and with them change
 * the rows and what is parked. When it throws, nothing was written, unless the connection was lost: then the checkpoint in
 * the database says.
 *
 * @returns the positions that moved, and what was left out
 * @throws BatchCommitError for a commit that cannot be applied, and halts; PoisonError; TooManyParkedError;
 *   CheckpointConflictError; the driver's errors
 */
export async function applyBatch(
  { session, projection, sources, standing, write, lot }: ApplyOptions,
  expected: Positions,
  commits: Commit[],
  pass: Pass = FIRST_PASS,
): Promise<{ moved: Positions; leftOut: ParkedEntry[] }> {
  const last = [...new Map(commits.map((commit) => [commit.position.stream, commit])).values()]
  const moved = new Map(last.map(({ position }) => [position.stream, position.sequence]))
  const recorded = new Map(last.map(({ position, recordedAt }) => [position.stream, recordedAt]))
  const parking = createPassParking(
    commits,
    (aggregate, id) => lot.blocks(aggregate, id),
    projection.onPoison,
  )
  const batch = decodeBatch(projection, sources, commits, parking.decoding)
  try {
    const leftOut = await session.db.transaction().execute(async (tx) => {
      const { client } = session
      await advanceCheckpoints(client, standing, expected, moved, recorded)
      if (projection.onPoison === 'halt') {
        if (batch.events.length > 0) await write({ client, tx }, batch.events)
      } else await writeParking(write, { client, tx }, batch, parking, pass)
      const entries = parking.entries(pass.attempt)
      await lot.insert(client, entries)
      return entries
    })
    lot.add(leftOut)
    return { moved, leftOut }
  } catch (error) {
    if (projection.onPoison === 'park' || !(error instanceof BatchEventError)) throw error
    throw ofCommit(projection.name, commits, batch, error)
  }
}

async function writeParking(
  write: Writer,
  writing: Writing,
  batch: DecodedBatch,
  parking: PassParking,
  { park, oneByOne, refused }: Pass,
): Promise<void> {
  if (refused !== undefined) parking.refuse(batch, refused)
  else if (batch.events.length > 0) {
    if (oneByOne) await writeOneByOne(write, writing, batch.events, parking.applying(batch))
    else await write(writing, batch.events, parking.applying(batch))
  }
  const poisoned = parking.poisoned()
  if (!park && poisoned > 0) throw new PoisonError(poisoned)
}
