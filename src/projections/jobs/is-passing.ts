import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream'
import { isTransient } from '../../streams/waiting/transient.ts'
import { isTransientInDatabase } from '../errors.ts'

/** True for what says nothing about the log or the handlers: a server that is away, or has just come back and knows little yet. */
export function isPassing(error: unknown): boolean {
  return (
    isTransientInDatabase(error) ||
    isTransient(error) ||
    error instanceof JetStreamError ||
    error instanceof JetStreamApiError
  )
}
