import { HeadwaterError } from '../errors.ts'
import type { CheckpointKeeper } from './checkpoint.ts'
import { persistently } from '../waiting/persistently.ts'
import {
  type ParkedEntry,
  type ParkedItem,
  failureText,
  loadParked,
  removeParked,
  writeParked,
} from './parked-item.ts'
import type { Item } from './source.ts'
import type { TermOptions } from './term-options.ts'

/** Too much fails for it to be the events' fault. */
class FollowerTooManyParkedError extends HeadwaterError {
  constructor(follower: string, limit: number) {
    super({
      code: 'FOLLOWER_TOO_MANY_PARKED',
      status: 500,
      detail: `${follower} has ${limit} parked events and takes no more: it halts. Mend what fails and retry what is parked`,
    })
  }
}

/** The event of an item that failed for good. */
export interface FailedEvent {
  index: number
  cause: unknown
  /** How often it was tried, this time included. */
  attempts: number
}

/** The lanes that have something parked, as the active replica knows them; what it changes is in the store before it goes on. */
export interface ParkedLanes<Value> {
  get(lane: string): ParkedItem | undefined
  /** What somebody else has written of it. Answers its lane. */
  put(entry: ParkedEntry): string
  /** Parks an event. Rejects with FOLLOWER_TOO_MANY_PARKED, and when the term ends before it is written. */
  park(item: Item<Value>, lane: string, failed: FailedEvent): Promise<void>
  /** Nothing of the lane is parked any more. Rejects when the term ends before it is written. */
  clear(lane: string, parked: ParkedItem): Promise<void>
}

/** Where a term begins. */
export type TermBeginning = Pick<CheckpointKeeper, 'sequence' | 'created' | 'epoch'>

/**
 * Reads what is parked so far, and forgets what a reset has made void: what comes by again is tried again, with all of its aggregate
 * that came before it; what stood in a stream that is no more cannot be tried at all.
 */
export async function openParkedLanes<Value>(
  options: TermOptions<Value>,
  beginning: TermBeginning,
): Promise<ParkedLanes<Value>> {
  const { store, source, settings, keys, follower, label, signal, figures, logger } = options
  const parkedOf = new Map<string, { key: string; item: ParkedItem }>()
  for (const entry of await loadParked(store, follower)) {
    const { key, item } = entry
    if (isVoid(item, beginning)) {
      await removeParked(store, key)
      const why = item.created === beginning.created ? 'it comes by again' : 'its stream is no more'
      logger.warn(
        { follower: label, ...item },
        `${label}: what is parked at ${item.sequence} is void: ${why}`,
      )
    } else put(entry)
  }
  count()

  function count(): void {
    figures.parked = parkedOf.size
  }

  function put({ key, item }: ParkedEntry): string {
    const lane = keys.laneOfParked(key, item)
    parkedOf.set(lane, { key, item })
    return lane
  }

  /** Until it is written: the checkpoint must not pass what is not. */
  async function keep(write: () => Promise<void>): Promise<void> {
    await persistently(write, {
      signal,
      maxMs: settings.retryMaxMs,
      onFailure: (error) =>
        logger.debug({ err: error, follower: label }, 'what is parked could not be written'),
    })
  }

  return {
    get: (lane) => parkedOf.get(lane)?.item,
    put,
    async park(item, lane, failed) {
      if (!parkedOf.has(lane) && parkedOf.size >= settings.maxParked) {
        throw new FollowerTooManyParkedError(label, settings.maxParked)
      }
      const parked = parkedItem({ stream: source.stream, beginning }, item, failed)
      const key = parkedOf.get(lane)?.key ?? keys.parked(lane)
      // Known before it is written: others park at the same time, and each counts.
      parkedOf.set(lane, { key, item: parked })
      count()
      await keep(() => writeParked(store, key, parked))
      logger.warn(
        { err: failed.cause, follower: label, ...parked },
        `${label}: ${parked.type || 'a message'} at ${source.stream} ${parked.sequence} failed and is parked`,
      )
    },
    async clear(lane, parked) {
      const key = parkedOf.get(lane)?.key ?? keys.parked(lane)
      await keep(() => removeParked(store, key))
      parkedOf.delete(lane)
      count()
      logger.info(
        { follower: label, ...parked },
        `${label}: nothing of ${parked.aggregate} ${parked.id} is parked any more`,
      )
    },
  }
}

function isVoid(
  { created, epoch, sequence }: Pick<ParkedItem, 'created' | 'epoch' | 'sequence'>,
  beginning: TermBeginning,
): boolean {
  const isOfAnother = created !== undefined && created !== beginning.created
  // Within an epoch what is parked may well be behind the checkpoint: what is before it in its lane is done.
  return isOfAnother || (epoch < beginning.epoch && sequence > beginning.sequence)
}

function parkedItem<Value>(
  { stream, beginning: { created, epoch } }: { stream: string; beginning: TermBeginning },
  { sequence, aggregate, id, events }: Item<Value>,
  { index, cause, attempts }: FailedEvent,
): ParkedItem {
  // Of a foreign program's events only what reading relies on is checked.
  const eventId: unknown = events[index]?.id
  return {
    stream,
    sequence,
    index,
    aggregate,
    id,
    eventId: typeof eventId === 'string' ? eventId : '',
    type: events[index]?.type ?? '',
    ...failureText(cause),
    attempts,
    parkedAt: new Date().toISOString(),
    created,
    epoch,
    action: null,
  }
}
