import type { Checkpoint } from '../positions/checkpoint.ts'
import { LogMismatchError } from '../errors.ts'
import type { SourceStream } from './source-streams.ts'

/**
 * Checks that a log can be read on from a checkpoint: that it is the same log, and holds all that follows.
 * @throws LogMismatchError when it is not so; LogUnavailableError or the client's error when the log does not answer
 */
export async function checkLog(
  projection: string,
  { log }: SourceStream,
  { sequence, created }: Pick<Checkpoint, 'sequence' | 'created'>,
): Promise<void> {
  const { first, last } = await log.bounds()
  const mismatch = (why: string) => new LogMismatchError(projection, { stream: log.stream, sequence }, why)
  if (sequence > last) throw mismatch(`the stream ends at ${last}`)
  if (first > sequence + 1) throw mismatch(`the stream begins at ${first}: what was before is lost`)
  if (sequence > 0 && created !== log.created) {
    throw mismatch(
      `the stream was made anew since, at ${log.created}; the one it knows was made at ${created}`,
    )
  }
}
