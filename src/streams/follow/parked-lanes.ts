import { HeadwaterError } from '../errors.ts'
import type { CheckpointKeeper } from './checkpoint.ts'
import { AT_A_TIME, type ParkedEntry, type ParkedItem, failureText, loadParked } from './parked-item.ts'
import { type HeldEntry, createParkedWriter } from './parked-writer.ts'
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
  /**
   * With what somebody has asked for. Answers its lane; undefined when it has changed since it was read, and is to be read again.
   * Throws, and ends the term, when another replica has it by now.
   */
  take(entry: ParkedEntry): string | undefined
  /** Parks an event. Rejects with FOLLOWER_TOO_MANY_PARKED, and when the term ends before it is written. */
  park(item: Item<Value>, lane: string, failed: FailedEvent): Promise<void>
  /** Nothing of the lane is parked any more. Rejects when the term ends before it is written. */
  clear(lane: string, parked: ParkedItem): Promise<void>
}

/** Where a term begins. */
export type TermBeginning = Pick<CheckpointKeeper, 'sequence' | 'created' | 'epoch'>

/**
 * Takes over what is parked so far, and forgets what a reset has made void: what comes by again is tried again, with all of its
 * aggregate that came before it; what stood in a stream that is no more cannot be tried at all.
 *
 * @param fail ends the term
 */
export async function openParkedLanes<Value>(
  options: TermOptions<Value>,
  beginning: TermBeginning,
  fail: (cause: unknown) => void,
): Promise<ParkedLanes<Value>> {
  const { store, source, settings, keys, follower, label, figures, logger } = options
  const writer = createParkedWriter(options, fail)
  const parkedOf = new Map<string, HeldEntry>()
  /** The lanes whose entry is just being written: what is read of them may be what was before. */
  const changing = new Set<string>()
  const found = await loadParked(store, follower)
  for (let from = 0; from < found.length; from += AT_A_TIME)
    await Promise.all(found.slice(from, from + AT_A_TIME).map(takeOver))
  count()

  async function takeOver(entry: ParkedEntry): Promise<void> {
    const own = await writer.claim(entry)
    if (!own) return
    const { item } = own
    if (isVoid(item, beginning)) {
      await writer.remove(own)
      const why = item.created === beginning.created ? 'it comes by again' : 'its stream is no more'
      logger.warn(
        { follower: label, ...item },
        `${label}: what is parked at ${item.sequence} is void: ${why}`,
      )
    } else parkedOf.set(keys.laneOfParked(own.key, own.item), own)
  }

  function count(): void {
    figures.parked = parkedOf.size
  }

  return {
    get: (lane) => parkedOf.get(lane)?.item,
    take(entry) {
      writer.assertOwn(entry)
      const lane = keys.laneOfParked(entry.key, entry.item)
      const held = parkedOf.get(lane)
      if (!held || changing.has(lane) || (held.revision ?? 0) > entry.revision) return undefined
      parkedOf.set(lane, entry)
      return lane
    },
    async park(item, lane, failed) {
      if (!parkedOf.has(lane) && parkedOf.size >= settings.maxParked) {
        throw new FollowerTooManyParkedError(label, settings.maxParked)
      }
      const parked = parkedItem({ stream: source.stream, beginning, term: writer.term }, item, failed)
      const before = parkedOf.get(lane)
      const held = { key: before?.key ?? keys.parked(lane), item: parked, revision: before?.revision }
      // Known before it is written: others park at the same time, and each counts.
      parkedOf.set(lane, held)
      count()
      changing.add(lane)
      await writer.write(held).finally(() => changing.delete(lane))
      logger.warn(
        { err: failed.cause, follower: label, ...parked },
        `${label}: ${parked.type || 'a message'} at ${source.stream} ${parked.sequence} failed and is parked`,
      )
    },
    async clear(lane, parked) {
      const held = parkedOf.get(lane)
      if (held) await writer.remove(held)
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
  { stream, beginning, term }: { stream: string; beginning: TermBeginning; term: string },
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
    created: beginning.created,
    epoch: beginning.epoch,
    term,
    action: null,
  }
}
