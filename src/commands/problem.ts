import { HeadwaterError, type InputError } from '../streams/errors.ts'

/** A refusal as clients get it: a problem document. https://www.rfc-editor.org/rfc/rfc9457 */
export interface Problem {
  ok: false
  status: number
  code: string
  /** What kind of problem it is; the same for every occurrence of a status, but for a saga that was waited for. */
  title: string
  detail: string
  /** Every single thing that is wrong with the input; empty when it is not about the input. */
  errors: InputError[]
  /** When the same command is worth another try, in milliseconds. */
  retryAfterMs?: number
  /** With WRONG_EXPECTED_VERSION: what the aggregate's version really is. */
  actualVersion?: number
  /** Of a saga that was waited for and did not complete: how it ended, which step failed, and what was undone. */
  saga?: { status: string; step?: string; compensated: string[] }
}

const TITLES = new Map([
  [400, 'The command is malformed'],
  [404, 'There is no such thing'],
  [409, 'The command conflicts with the current state'],
  [413, 'The command is too large'],
  [422, 'The domain refuses the command'],
  [429, 'Too many commands'],
  [500, 'The service failed'],
  [503, 'The service cannot take the command now'],
])

export interface ProblemDetails {
  status: number
  code: string
  /** Where that of the status would say something else. */
  title?: string
  detail: string
  errors?: InputError[] | undefined
  retryAfterMs?: number | undefined
  actualVersion?: number | undefined
}

export function problem({
  status,
  code,
  title,
  detail,
  errors,
  retryAfterMs,
  actualVersion,
}: ProblemDetails): Problem {
  return {
    ok: false,
    status,
    code,
    title: title ?? TITLES.get(status) ?? 'The command failed',
    detail,
    errors: errors ?? [],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(actualVersion !== undefined && { actualVersion }),
  }
}

/** There is no room for one more at this moment. */
export function overloaded(code: string, what: string): Problem {
  return problem({
    status: 503,
    code,
    detail: `${what}; send the command again in a moment`,
    retryAfterMs: 200,
  })
}

/** A bug: what it is about stays inside. */
export function internalProblem(): Problem {
  return problem({
    status: 500,
    code: 'INTERNAL',
    detail: 'The service failed on this command; its log says why. Nothing was stored',
  })
}

/**
 * The problem that an error makes for a client. What is no HeadwaterError is a bug; one with the status 500 says by its code what is
 * broken, such as a log that another program has written into.
 */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof HeadwaterError)) return internalProblem()
  const { status, code, message, errors, retryAfterMs } = error
  return problem({ status, code, detail: message, errors, retryAfterMs })
}
