import { HeadwaterError } from '../streams/errors.ts'

/**
 * An argument that cannot be: what and which. It concerns one field; the rest of the answer stands.
 *
 * @example
 * const days = (text: string) => {
 *   const count = Number(text)
 *   if (!Number.isSafeInteger(count)) throw new BadUserInputError('days', 'must be a whole number')
 *   return count
 * }
 */
export class BadUserInputError extends HeadwaterError {
  constructor(path: string, message: string) {
    super({
      code: 'BAD_USER_INPUT',
      status: 400,
      detail: `${path}: ${message}`,
      errors: [{ path, message }],
    })
  }
}

/** An id that no aggregate can have: `isToken` says which can. */
export const badId = (path: string) =>
  new BadUserInputError(path, 'must be 1 to 128 characters out of A-Z a-z 0-9 _ -')

/** An aggregate type that this process has no log of. */
export const notServed = (aggregates: Iterable<string>) =>
  new BadUserInputError('aggregate', `is not served here; there are ${[...aggregates].join(', ')}`)

/** More history reads are waiting than can be made in a reasonable time. */
export class OverloadedError extends HeadwaterError {
  constructor() {
    super({
      code: 'OVERLOADED',
      status: 503,
      detail: 'Too many event histories are being read; ask again a little later, or for fewer at a time',
      retryAfterMs: 1000,
    })
  }
}

/** An HTTP request that is no GraphQL request. `status` is the HTTP status, whatever media type the client takes. */
export class RequestError extends HeadwaterError {}

/** The caller may not see what is asked for. */
export class ForbiddenError extends HeadwaterError {
  constructor(what: string) {
    super({ code: 'FORBIDDEN', status: 403, detail: `You may not see ${what}` })
  }
}
