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

/**
 * JSClusterNoPeersErrF, which has the status 400: too few servers to place the replicas on. Of a cluster that has just started, or
 * is busy, some are not known yet, or held to be away.
 */
const NO_PEERS = 10005

/** True for what says nothing about the event at hand: the same may pass later. 503 and 429 of ours; the connection; a cluster without a leader, or with servers away. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HeadwaterError) return error.status === 503 || error.status === 429
  if (error instanceof JetStreamApiError) return error.status === 503 || error.code === NO_PEERS
  return CONNECTION.some((kind) => error instanceof kind) || isTakenByNobody(error)
}

/** What the client makes of a publish that no stream takes, "jetstream is not enabled": its leader is still to be elected. */
const isTakenByNobody = (error: unknown) =>
  error instanceof Error && error.cause instanceof errors.RequestError
