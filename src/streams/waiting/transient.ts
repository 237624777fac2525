import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { HeadwaterError } from '../errors.ts'

/** What the client says when the server is away, or has just come back. */
const CONNECTION = [
  errors.TimeoutError,
  errors.NoRespondersError,
  errors.RequestError,
  errors.ConnectionError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
]

/** True for what says nothing about the event at hand: the same may pass later. 503 and 429 of ours; the connection; a server without a leader. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HeadwaterError) return error.status === 503 || error.status === 429
  if (error instanceof JetStreamApiError) return error.status === 503
  return CONNECTION.some((kind) => error instanceof kind) || isTakenByNobody(error)
}

/** What the client makes of a publish that no stream takes, "jetstream is not enabled": its leader is still to be elected. */
const isTakenByNobody = (error: unknown) =>
  error instanceof Error && error.cause instanceof errors.RequestError
