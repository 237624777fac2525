import type { Commit } from '../streams/commit.ts'
import type { EventSource } from '../streams/recorded-event.ts'
import { type Positions, type Standing, advanceCheckpoints } from './checkpoint.ts'
import { BatchCommitError, decodeBatch } from './decode-batch.ts'
import { EventFailedError } from './errors.ts'
import { BatchEventError } from './fold-batch.ts'
import type { ProjectionDefinition } from './definition.ts'
import type { Session } from './session.ts'
import type { Writer } from './writer.ts'

export interface ApplyOptions {
  session: Session
  projection: ProjectionDefinition
  sources: ReadonlyMap<string, EventSource>
  standing: Standing
  write: Writer
}

/**
 * Applies commits in one transaction: the checkpoints move from `expected` to the last of each stream, and the rows with
 * them. When it throws, nothing was written, unless the connection was lost: then the checkpoint in the database says.
 *
 * @returns the positions that moved
 * @throws BatchCommitError when a commit cannot be applied; CheckpointConflictError; the driver's errors
 */
export async function applyBatch(
  { session, projection, sources, standing, write }: ApplyOptions,
  expected: Positions,
  commits: Commit[],
): Promise<Positions> {
  const next = new Map(commits.map(({ position }) => [position.stream, position.sequence]))
  const { events, owners } = decodeBatch(projection, sources, commits)
  try {
    await session.db.transaction().execute(async (tx) => {
      const { client } = session
      await advanceCheckpoints(client, standing, expected, next)
      if (events.length > 0) await write({ client, tx }, events)
    })
  } catch (error) {
    if (!(error instanceof BatchEventError)) throw error
    const index = owners[error.index] ?? 0
    const position = commits[index]?.position ?? { stream: '', sequence: 0 }
    const what = `The event ${events[error.index]?.type}`
    throw new BatchCommitError(index, new EventFailedError(projection.name, position, error.cause, what))
  }
  return next
}
