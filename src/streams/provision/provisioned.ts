import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { setTimeout as delay } from 'node:timers/promises'
import { backoffMs } from '../waiting/backoff.ts'
import { isTransient } from '../waiting/transient.ts'
import { LogUnavailableError } from '../log-errors.ts'

/** A cluster takes up to ten seconds to elect a leader, and as long again to place a new stream when its machines are busy. */
const PATIENCE_MS = 30_000
const LONGEST_PAUSE_MS = 1000

/**
 * Makes sure of something in JetStream, a stream or a bucket, that is not changed by being asked for twice: again while the server
 * does not answer, has no leader, or too few of a cluster's servers are there. A server without JetStream is told of at once.
 *
 * @throws LogUnavailableError when it has not answered within `patienceMs`; otherwise what `attempt` throws
 */
export async function provisioned<T>(
  what: string,
  attempt: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (let attempts = 0; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error)) throw error
      if (Date.now() > deadline)
        throw new LogUnavailableError(
          'refused',
          `${saidOf(what, error)} Is the NATS cluster complete, and has it a leader?`,
          error,
        )
      await delay(backoffMs(attempts, LONGEST_PAUSE_MS))
    }
  }
}

const isPassing = (error: unknown) =>
  error instanceof errors.TimeoutError || (error instanceof JetStreamApiError && isTransient(error))

const saidOf = (what: string, error: unknown) =>
  error instanceof JetStreamApiError
    ? `JetStream does not make ${what} now: ${error.message}.`
    : `JetStream did not answer when ${what} was asked for.`
