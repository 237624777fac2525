import { HeadwaterError } from './errors.ts'

/** Another writer appended to the aggregate first: read what it wrote and decide again. */
export class ConflictError extends HeadwaterError {
  constructor(subject: string, expected: number) {
    super({
      code: 'CONFLICT',
      status: 409,
      detail: `${subject} has changed since sequence ${expected}`,
      retryAfterMs: 0,
    })
  }
}

/**
 * The log did not answer in time or refused the write for want of something. `outcome` says whether the commit can be
 * there all the same: `unknown` after a time-out, `refused` when the server said no.
 */
export class LogUnavailableError extends HeadwaterError {
  readonly outcome: 'unknown' | 'refused'
  constructor(outcome: 'unknown' | 'refused', detail: string, cause?: unknown) {
    super({ code: 'LOG_UNAVAILABLE', status: 503, detail, retryAfterMs: 1000, cause })
    this.outcome = outcome
  }
}

/** The commit does not fit into one message of this server (`max_payload`). */
export class CommitTooLargeError extends HeadwaterError {
  constructor(bytes: number, limit: number) {
    super({
      code: 'COMMIT_TOO_LARGE',
      status: 413,
      detail: `The events take ${bytes} bytes, and the server takes messages of at most ${limit}`,
    })
  }
}
