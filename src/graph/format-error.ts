import { GraphQLError, type GraphQLFormattedError } from 'graphql/index.js'
import { HeadwaterError } from '../streams/errors.ts'
import { CommandRefusedError } from '../commands/client/client.ts'
import { isTransientInDatabase } from '../projections/errors.ts'
import { ProjectionBehindError } from '../projections/positions/position-errors.ts'
import { SlowSubscriberError, SubgraphError } from './gateway/errors.ts'
import { SubscriptionTooSlowError } from './live/errors.ts'

/** Hears of each error that the client is not told. */
export type ReportError = (error: unknown) => void

/**
 * An error as the client gets it. Whatever was thrown on purpose says what it is, with `extensions.code` and `status`; of
 * anything else only that it happened, and the id of the request that finds it in the log.
 */
export function formatError(error: unknown, requestId: string, report: ReportError): GraphQLFormattedError {
  const where = error instanceof GraphQLError ? placeOf(error) : {}
  const cause = causeOf(error)
  if (cause instanceof HeadwaterError) {
    if (cause.status >= 500) report(cause)
    // A scalar's error is worded by graphql-js, with the variable and the path in it.
    const message = error instanceof GraphQLError && error.path === undefined ? error.message : cause.message
    return { message, ...where, extensions: describe(cause) }
  }
  if (error instanceof GraphQLError) {
    if (hasCode(error)) return error.toJSON()
    const known = cause instanceof GraphQLError ? requestErrorCode(error) : undefined
    if (known !== undefined)
      return { message: error.message, ...where, extensions: { code: known, status: 400 } }
  }
  report(cause)
  if (isTransientInDatabase(cause)) {
    return {
      message: 'The database does not answer at this moment; ask again',
      ...where,
      extensions: { code: 'DATABASE_UNAVAILABLE', status: 503, retryAfterMs: 1000, errors: [] },
    }
  }
  return {
    message: 'Something went wrong in the service; the log has it under the request id',
    ...where,
    extensions: { code: 'INTERNAL', status: 500, requestId },
  }
}

function describe(error: HeadwaterError): Record<string, unknown> {
  const { code, status, errors, retryAfterMs } = error
  return {
    code,
    status,
    errors: errors ?? [],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(error instanceof CommandRefusedError &&
      error.problem.actualVersion !== undefined && { actualVersion: error.problem.actualVersion }),
    ...(error instanceof CommandRefusedError && error.problem.saga && { saga: error.problem.saga }),
    ...((error instanceof SubgraphError || error instanceof SlowSubscriberError) && {
      subgraph: error.subgraph,
    }),
    ...(error instanceof SubscriptionTooSlowError && { cursor: error.cursor }),
    ...(error instanceof ProjectionBehindError && {
      projection: error.projection,
      wanted: error.wanted,
      reached: error.reached === undefined ? null : { ...error.wanted, sequence: error.reached },
    }),
  }
}

function placeOf({ locations, path }: GraphQLError) {
  return { ...(locations && { locations }), ...(path && { path }) }
}

/** What a resolver threw, below the layers that graphql-js and Mercurius put around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error
}

/** An author's own. The errors of a compiled operation have no `extensions` when there is nothing in them. */
function hasCode(error: object): boolean {
  const extensions: unknown = 'extensions' in error ? error.extensions : undefined
  return (
    typeof extensions === 'object' &&
    extensions !== null &&
    'code' in extensions &&
    typeof extensions.code === 'string'
  )
}

const COERCION =
  /^Variable "\$\w+" (got invalid value|of (required|non-null) type .* (was not provided|must not be null))/

/** What graphql-js finds wrong before it executes anything; an error at a path is not of these. */
function requestErrorCode(error: GraphQLError): string | undefined {
  if (error.path !== undefined) return undefined
  if (error.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED'
  return COERCION.test(error.message) ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED'
}
