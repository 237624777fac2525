import type { Commit } from '../../streams/events/commit.ts'
import { type DecodedBatch, ofCommit } from '../batch/decode-batch.ts'
import type { FoldProjection } from '../definition/definition.ts'
import { BatchEventError, type EventParking, type Rows, foldInto } from '../batch/fold-batch.ts'

/**
 * Folds the events of commits into rows.
 * @throws BatchCommitError, which says where it stands, for an event that cannot be applied and is not to be left out
 */
export function foldCommits(
  projection: FoldProjection,
  rows: Rows,
  commits: readonly Commit[],
  batch: DecodedBatch,
  parking?: EventParking,
): void {
  try {
    foldInto(projection, rows, batch.events, parking)
  } catch (error) {
    throw error instanceof BatchEventError ? ofCommit(projection.name, commits, batch, error) : error
  }
}
