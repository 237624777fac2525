import type { Logger } from '../../streams/logger.ts'
import type { ParkedEntry } from './parking.ts'

/** Events of one batch that are told of one by one. */
const TOLD = 10

/** Leaves a line in the log of the service for what a batch has parked. */
export function tellParked(logger: Logger, projection: string, leftOut: readonly ParkedEntry[]): void {
  const parked = leftOut.filter(({ status }) => status === 'parked')
  for (const { stream, sequence, aggregate, aggregateId, type, code, cause, attempts } of parked.slice(
    0,
    TOLD,
  )) {
    const about = { projection, position: { stream, sequence }, aggregate, id: aggregateId, type }
    logger.warn(
      { ...about, code, attempts },
      `an event is parked, and what follows of its aggregate waits: ${cause}`,
    )
  }
  if (parked.length > TOLD) {
    logger.warn(
      { projection, more: parked.length - TOLD },
      'more events are parked: headwater projections parked list shows all',
    )
  }
}
