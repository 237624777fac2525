import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { HeadwaterError } from '../../streams/errors.ts'
import { isTransient } from '../errors.ts'

/** What the NATS client says when the server is away, or has just come back. */
const AWAY = [
  errors.TimeoutError,
  errors.NoRespondersError,
  errors.RequestError,
  errors.ConnectionError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
  JetStreamError,
  JetStreamApiError,
]

/** True for what says nothing about the log or the handlers: a server that is away comes back. */
export function isPassing(error: unknown): boolean {
  return (
    isTransient(error) ||
    (error instanceof HeadwaterError && error.status === 503) ||
    AWAY.some((kind) => error instanceof kind)
  )
}
