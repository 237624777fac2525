import { HeadwaterError } from '../../streams/errors.ts'

/** A cursor that this service did not give, or gave to another subscription. */
export class BadCursorError extends HeadwaterError {
  constructor(message: string) {
    super({
      code: 'BAD_CURSOR',
      status: 400,
      detail: `after: ${message}`,
      errors: [{ path: 'after', message }],
    })
  }
}

/** What followed the cursor is not there any more: the log was made anew, or its beginning was taken away. */
export class CursorExpiredError extends HeadwaterError {
  constructor() {
    super({
      code: 'CURSOR_EXPIRED',
      status: 410,
      detail: 'The log has been made anew, or cut, since this cursor was given; start without one',
    })
  }
}

/** The cursor is of a place that the log has not come to: the log was restored from an older copy. */
export class CursorAheadError extends HeadwaterError {
  constructor() {
    super({
      code: 'CURSOR_AHEAD',
      status: 409,
      detail:
        'The log has not come as far as this cursor; it may have been restored from an older copy. Start without one',
    })
  }
}

/** More happened than is kept for a client that does not read. It may go on from the cursor. */
export class SubscriptionTooSlowError extends HeadwaterError {
  readonly cursor: string
  constructor(cursor: string) {
    super({
      code: 'SUBSCRIPTION_TOO_SLOW',
      status: 429,
      detail:
        'More has happened than is kept for a client that reads this slowly; subscribe again after the cursor in extensions.cursor',
    })
    this.cursor = cursor
  }
}

/** The present state is too large to be told at the start of a subscription. */
export class StateTooLargeError extends HeadwaterError {
  constructor(limit: number) {
    const message = `more than ${limit} fit it; narrow it, or give a cursor`
    super({
      code: 'STATE_TOO_LARGE',
      status: 400,
      detail: `filter: ${message}`,
      errors: [{ path: 'filter', message }],
    })
  }
}

/** A connection has as many operations under way as it may have. */
export class TooManyOperationsError extends HeadwaterError {
  constructor(limit: number) {
    super({
      code: 'TOO_MANY_OPERATIONS',
      status: 429,
      detail: `This connection has ${limit} operations under way, and may not have more; complete one first`,
    })
  }
}

/** This process follows as much as it may, over however many connections. */
export class TooManySubscriptionsError extends HeadwaterError {
  constructor() {
    super({
      code: 'TOO_MANY_SUBSCRIPTIONS',
      status: 503,
      detail: 'This server has as many subscriptions as it takes; try again a little later',
      retryAfterMs: 1000,
    })
  }
}

/** This process serves as many live connections as it may. */
export class TooManyConnectionsError extends HeadwaterError {
  constructor() {
    super({
      code: 'TOO_MANY_CONNECTIONS',
      status: 503,
      detail: 'This server has as many live connections as it takes; try again a little later',
      retryAfterMs: 1000,
    })
  }
}

/** There is nothing to follow where no log is served. */
export class NothingLiveError extends HeadwaterError {
  constructor() {
    super({ code: 'NOT_LIVE', status: 501, detail: 'Subscriptions are not served here' })
  }
}
