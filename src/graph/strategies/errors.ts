import { HeadwaterError } from '../../streams/errors.ts'

/**
 * A step could not give exactly what the subgraph would: a value without a form in its kind, a key that the table knows in
 * another spelling. The next step decides; it says nothing of the health of this one.
 */
export class UnsuitedError extends HeadwaterError {
  constructor(detail: string) {
    super({ code: 'STEP_UNSUITED', status: 500, detail })
  }
}

/** A step did not answer within its time. */
export class StepTimeoutError extends HeadwaterError {
  constructor(detail: string) {
    super({ code: 'STRATEGY_TIMEOUT', status: 503, detail })
  }
}

/** The client is gone, or its time is up: nobody waits for the step any more, and nothing is wrong with it. */
export class ClientGoneError extends HeadwaterError {
  constructor() {
    super({ code: 'CLIENT_GONE', status: 499, detail: 'The client went away before there was an answer' })
  }
}

/** The database behind a step failed. The text is for the log; user, password and address are taken out of it. */
export class TableReadError extends HeadwaterError {
  constructor(subgraph: string, reason: string) {
    super({
      code: 'SUBGRAPH_DATABASE_FAILED',
      status: 503,
      detail: `The database of the subgraph ${subgraph} failed: ${reason}`,
    })
  }
}

/** The driver of a database is an optional package, and is not installed. */
export class DatabaseDriverMissingError extends HeadwaterError {
  constructor(database: string, packages: string) {
    super({
      code: 'DATABASE_DRIVER_MISSING',
      status: 500,
      detail: `The driver for ${database} is not installed. Run: npm install ${packages}`,
    })
  }
}

/** A `database_url` that names no database that can be read. It holds a password, so that none of it is repeated here. */
export class DatabaseUrlError extends HeadwaterError {
  constructor(subgraph: string) {
    super({
      code: 'DATABASE_URL_INVALID',
      status: 500,
      detail: `The database_url of the subgraph ${subgraph} is not valid: postgres://…, mysql://…, mariadb://…, mssql://… or sqlite:path`,
    })
  }
}
