import type { Checkpoint } from '../positions/checkpoint.ts'
import { LogMismatchError } from '../errors.ts'
import type { SourceStream } from './source-streams.ts'

/** What a checkpoint knows of its stream; of the message where it is only if that is to be looked at. */
type Known = Pick<Checkpoint, 'sequence' | 'created'> &
  Partial<Pick<Checkpoint, 'recordedSequence' | 'recordedAt'>>

/** What a consumer says of a time, in floating nanoseconds, may be another millisecond than what a read says. */
const INEXACT_MS = 1

/**
 * Checks that a log can be read on from a checkpoint: that it is the same log, and holds all that follows.
 * @throws LogMismatchError when it is not so; LogUnavailableError or the client's error when the log does not answer
 */
export async function checkLog(projection: string, stream: SourceStream, checkpoint: Known): Promise<void> {
  const why = await mismatchOf(stream, checkpoint)
  if (why === undefined) return
  throw new LogMismatchError(projection, { stream: stream.log.stream, sequence: checkpoint.sequence }, why)
}

/**
 * Why a log is not the one that a checkpoint is of, or cannot be read on from there; undefined when all is well. A stream may be
 * made anew under an open log, and come as far as the one before: so it is asked what it is now. One that has lost its end (a power
 * failure, an older backup) keeps when it was made, and in time has other messages there: their time tells.
 */
export async function mismatchOf(
  { log }: SourceStream,
  { sequence, created: known, recordedSequence, recordedAt }: Known,
): Promise<string | undefined> {
  const { first, last, created } = await log.bounds()
  if (sequence > last) return `the stream ends at ${last}`
  if (first > sequence + 1) return `the stream begins at ${first}: what was before is lost`
  if (known !== created)
    return `the stream was made anew since, at ${created}; the one it knows was made at ${known}`
  if (recordedAt === undefined || recordedAt === null || recordedSequence !== sequence) return undefined
  const now = await log.recordedAt(sequence)
  if (now === undefined || Math.abs(now - recordedAt) <= INEXACT_MS) return undefined
  return `the message there was recorded at ${timeOf(now)}, and the one it knows at ${timeOf(recordedAt)}: the stream has lost its end, and has grown again`
}

const timeOf = (ms: number) => new Date(ms).toISOString()
