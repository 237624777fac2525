import { NotRebuildableError } from '../jobs/errors.ts'
import type { JobRun } from '../jobs/run.ts'
import type { Checkpoint } from '../positions/checkpoint.ts'
import { mismatchOf } from '../sources/check-log.ts'

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

/**
 * Checks that the log is the one that the live table was made from, and reaches as far: what goes up to the table's position
 * would wait for ever, or fold another log.
 * @throws NotRebuildableError with what is wrong
 */
export async function assertSame(
  { projection, streams }: Pick<JobRun, 'projection' | 'streams'>,
  checkpoints: readonly Checkpoint[],
): Promise<void> {
  const logs = new Map(streams.map((stream) => [stream.log.stream, stream]))
  for (const checkpoint of checkpoints) {
    const { stream, sequence } = checkpoint
    // Nothing is of any stream.
    const source = sequence > 0 ? logs.get(stream) : undefined
    const why = source && (await mismatchOf(source, checkpoint))
    if (why === undefined) continue
    throw new NotRebuildableError(
      projection.name,
      `its live table was made from ${stream} up to ${sequence}, but ${why}`,
    )
  }
}

/** About how many commits there are to read. */
export async function commitsIn({ streams }: Pick<JobRun, 'streams'>): Promise<number> {
  const bounds = await Promise.all(streams.map(({ log }) => log.bounds()))
  return bounds.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}
