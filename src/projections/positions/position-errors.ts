import type { Position } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'

/** A projection has not applied a commit in the time that somebody was willing to wait for it. */
export class ProjectionBehindError extends HeadwaterError {
  readonly projection: string
  readonly wanted: Position
  /** The sequence that is applied of that stream; undefined when PostgreSQL, which knows, is not reached. */
  readonly reached: number | undefined
  constructor(projection: string, wanted: Position, reached: number | undefined) {
    const { stream, sequence } = wanted
    const found =
      reached === undefined
        ? 'how far it has come is not known: PostgreSQL does not answer'
        : `it has come to ${stream} ${reached}`
    super({
      code: 'PROJECTION_BEHIND',
      status: 503,
      detail: `The projection ${projection} has not applied ${stream} ${sequence} yet; ${found}. Ask again a little later`,
      retryAfterMs: 1000,
    })
    this.projection = projection
    this.wanted = wanted
    this.reached = reached
  }
}

/** So many wait for projections already that one more would only take memory. */
export class TooManyWaitingError extends HeadwaterError {
  constructor() {
    super({
      code: 'OVERLOADED',
      status: 503,
      detail:
        'Too many queries wait for projections that are behind; ask again a little later, or without atLeast',
      retryAfterMs: 1000,
    })
  }
}
