import { HeadwaterError } from '../../streams/errors.ts'

/** Somebody asked for it to be stopped; the live table is as it was. */
export class JobCancelledError extends HeadwaterError {
  constructor(projection: string, kind: string) {
    super({
      code: 'JOB_CANCELLED',
      status: 409,
      detail: `The ${kind} of the projection ${projection} was cancelled; its live table was left alone`,
    })
  }
}

/** It cannot be done exactly, so it is not done. */
export class NotRebuildableError extends HeadwaterError {
  constructor(projection: string, why: string) {
    super({
      code: 'PROJECTION_NOT_REBUILDABLE',
      status: 409,
      detail: `The projection ${projection} cannot be rebuilt exactly: ${why}. Its live table was left alone`,
    })
  }
}
