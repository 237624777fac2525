import { NotRebuildableError } from '../jobs/errors.ts'
import type { JobRun } from '../jobs/run.ts'

/**
 * Checks that everything the rows are made of is still in the log.
 * @throws NotRebuildableError with what is missing
 */
export async function assertWhole({
  projection,
  streams,
}: Pick<JobRun, 'projection' | 'streams'>): Promise<void> {
  for (const { log } of streams) {
    const { first, last, deleted } = await log.bounds()
    if (last > 0 && first > 1) {
      throw new NotRebuildableError(
        projection.name,
        `the stream ${log.stream} begins at ${first}, what was before is lost`,
      )
    }
    if (deleted > 0) {
      throw new NotRebuildableError(
        projection.name,
        `${deleted} messages were deleted from the stream ${log.stream}`,
      )
    }
  }
}

/** About how many commits there are to read. */
export async function commitsIn({ streams }: Pick<JobRun, 'streams'>): Promise<number> {
  const bounds = await Promise.all(streams.map(({ log }) => log.bounds()))
  return bounds.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}
