import type { Position } from '../streams/events/commit.ts'
import { HeadwaterError } from '../streams/errors.ts'

/** An event could not be applied: its handler threw, no schema knows it, or the row it made does not fit the columns. */
export class EventFailedError extends HeadwaterError {
  readonly position: Position
  constructor(projection: string, position: Position, cause: unknown, what = 'The commit') {
    super({
      code: 'PROJECTION_EVENT_FAILED',
      status: 500,
      detail: `${what} at ${position.stream} ${position.sequence} cannot be applied to the projection ${projection}: ${reason(cause)}`,
      cause,
    })
    this.position = position
  }
}

/** Somebody else moved the checkpoint: nothing was written, the runner reads it again. */
export class CheckpointConflictError extends HeadwaterError {
  constructor(projection: string, positions: Position[]) {
    const places = positions.map(({ stream, sequence }) => `${stream} ${sequence}`).join(', ')
    super({
      code: 'CHECKPOINT_CONFLICT',
      status: 409,
      detail: `The checkpoint of the projection ${projection} is no longer at ${places}; nothing was written`,
      retryAfterMs: 0,
    })
  }
}

/** The log is not the one that the checkpoint was made with, or has lost messages: going on would be silently wrong. */
export class LogMismatchError extends HeadwaterError {
  readonly position: Position
  constructor(projection: string, position: Position, why: string) {
    super({
      code: 'PROJECTION_LOG_MISMATCH',
      status: 500,
      detail: `The projection ${projection} has applied ${position.stream} up to ${position.sequence}, but ${why}. Restore the log, or rebuild the projection from what there is`,
    })
    this.position = position
  }
}

/** A newer release has taken the projection over: this process leaves its table alone. */
export class SupersededError extends HeadwaterError {
  constructor(projection: string, version: number, recorded: number) {
    super({
      code: 'PROJECTION_SUPERSEDED',
      status: 409,
      detail: `The projection ${projection} is at version ${recorded} in the database; this process has version ${version} and leaves it alone. After a roll-back, raise the version in the code above ${recorded}`,
    })
  }
}

/** What an error says, for a person. */
export function reason(error: unknown): string {
  // A refused connection to a name with several addresses comes without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** The position that an error names, if it does. */
export function positionOf(error: unknown): Position | undefined {
  if (typeof error !== 'object' || error === null || !('position' in error)) return undefined
  const { position } = error
  if (typeof position !== 'object' || position === null) return undefined
  if (!('stream' in position && 'sequence' in position)) return undefined
  const { stream, sequence } = position
  return typeof stream === 'string' && typeof sequence === 'number' ? { stream, sequence } : undefined
}

/** Classes and codes of SQLSTATE that say nothing about the event at hand: the same statement may pass later. */
const TRANSIENT = /^(08|53|40|57|55P03|25P03|25006)/

/**
 * What the operating system says of a connection, of the way to the server, of its name, or that there is no descriptor left for
 * one. Its other codes are of what a handler does by itself, as ENOENT is: those come again with the same event.
 * https://nodejs.org/api/errors.html#common-system-errors
 */
const CONNECTION =
  /^E(ADDRNOTAVAIL|AI_AGAIN|CONN(ABORTED|REFUSED|RESET)|HOST(DOWN|UNREACH)|(M|N)FILE|NET(DOWN|RESET|UNREACH)|NOBUFS|NOT(CONN|FOUND)|PIPE|PROTO|SHUTDOWN|TIMEDOUT)$/

/** True for an error of the connection or of the server's condition rather than of the statement. */
export function isTransientInDatabase(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string')
    return TRANSIENT.test(error.code) || CONNECTION.test(error.code)
  return /^Connection terminated|^Query read timeout|not queryable|^timeout exp/.test(error.message)
}

/**
 * Classes and codes of SQLSTATE that a row, or what a handler does for one event, can be the reason of: values, constraints,
 * limits, triggers, a failure that a handler has swallowed. (Not so a missing table or right: those fail for every event.)
 */
const REFUSED = /^(22|23|44|54|P0|25P02)/

/** True for what PostgreSQL says when it does not take a row. */
export function isRefusedRow(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && REFUSED.test(error.code)
  )
}
