import type { Commit } from '../../streams/events/commit.ts'
import { BatchCommitError } from '../batch/decode-batch.ts'
import { CheckpointConflictError, EventFailedError, isTransientInDatabase } from '../errors.ts'

/**
 * Applies a batch; when one of its commits cannot be applied, applies those before it and says which one it was.
 *
 * @param apply applies commits in one transaction, all or none
 * @throws EventFailedError with the position; everything before it is then applied. Other errors as they come: those
 *   are of the connection, and say nothing about a commit
 */
export async function applyIsolating(
  projection: string,
  commits: Commit[],
  apply: (commits: Commit[]) => Promise<void>,
): Promise<void> {
  try {
    await apply(commits)
  } catch (error) {
    if (error instanceof BatchCommitError) {
      if (error.index > 0) await apply(commits.slice(0, error.index))
      throw error.failure
    }
    if (error instanceof CheckpointConflictError || isTransientInDatabase(error)) throw error
    // PostgreSQL refused a statement over many rows, and does not say which: one commit after the other will.
    const [first, ...others] = commits
    if (first && others.length === 0) throw new EventFailedError(projection, first.position, error)
    for (const commit of commits) await applyIsolating(projection, [commit], apply)
  }
}
