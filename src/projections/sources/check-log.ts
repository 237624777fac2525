import type { Checkpoint } from '../positions/checkpoint.ts'
import { LogMismatchError } from '../errors.ts'
import type { SourceStream } from './source-streams.ts'

/**
 * Checks that a log can be read on from a checkpoint: that it is the same log, and holds all that follows.
 * @throws LogMismatchError when it is not so; LogUnavailableError or the client's error when the log does not answer
 */
export async function checkLog(
  projection: string,
  stream: SourceStream,
  checkpoint: Pick<Checkpoint, 'sequence' | 'created'>,
): Promise<void> {
  const why = await mismatchOf(stream, checkpoint)
  if (why === undefined) return
  throw new LogMismatchError(projection, { stream: stream.log.stream, sequence: checkpoint.sequence }, why)
}

/**
 * Why a log is not the one that a checkpoint is of, or cannot be read on from there; undefined when all is well. A stream may be
 * made anew under an open log, and come as far as the one before: so it is asked what it is now.
 */
export async function mismatchOf(
  { log }: SourceStream,
  { sequence, created: known }: Pick<Checkpoint, 'sequence' | 'created'>,
): Promise<string | undefined> {
  const { first, last, created } = await log.bounds()
  if (sequence > last) return `the stream ends at ${last}`
  if (first > sequence + 1) return `the stream begins at ${first}: what was before is lost`
  if (known !== created)
    return `the stream was made anew since, at ${created}; the one it knows was made at ${known}`
  return undefined
}
