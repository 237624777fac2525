/** One thing that is wrong with an input: where (`items.0.quantity`, `''` for the whole) and what. */
export interface InputError {
  path: string
  message: string
}

/** What an error is made of. */
export interface ErrorDetails {
  /** Stable, upper snake case; clients branch on it. */
  code: string
  /** The HTTP status that tells the same (RFC 9110). */
  status: number
  /** What was wrong and what to do, for a person. Never a stack, an address or a secret. */
  detail: string
  errors?: InputError[]
  /** When the same request is worth another try, in milliseconds. */
  retryAfterMs?: number
  cause?: unknown
}

/**
 * The root of every error that Headwater throws on purpose. Whatever is not one of these is a bug, and is shown to
 * clients as `INTERNAL` without its text. docs/errors.md lists all codes.
 *
 * @example
 * const unavailable = () =>
 *   new HeadwaterError({
 *     code: 'BUREAU_UNAVAILABLE',
 *     status: 503,
 *     detail: 'The credit bureau does not answer; send the command again with the same Command-Id',
 *     retryAfterMs: 500,
 *   })
 */
export class HeadwaterError extends Error {
  readonly code: string
  readonly status: number
  readonly errors: InputError[] | undefined
  readonly retryAfterMs: number | undefined

  constructor({ code, status, detail, errors, retryAfterMs, cause }: ErrorDetails) {
    super(detail, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.status = status
    this.errors = errors
    this.retryAfterMs = retryAfterMs
  }
}
