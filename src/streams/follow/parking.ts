import { HeadwaterError } from '../errors.ts'
import type { Attempts } from './attempt.ts'
import { persistently } from '../waiting/persistently.ts'
import type { Lanes } from './lanes.ts'
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
import { laneOf } from './names.ts'

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

/** What is left out for now, as the active replica knows it. */
export interface Parking<Value> {
  /** Whether something of the lane is parked, and what follows has to wait. */
  blocks(lane: string): boolean
  /** Handles the events of an item from one on; the first that fails for good is parked, and the lane waits from then on. */
  handleOrPark(
    item: Item<Value>,
    lane: string,
    from: number,
    again: boolean,
  ): Promise<'done' | 'parked' | 'stopped'>
  /** Sees to what somebody asked for; `last` answers the last sequence that was taken in. */
  lookForRequests(last: () => number): Promise<void>
}

export interface ParkingOptions<Value> extends TermOptions<Value> {
  attempts: Attempts<Value>
  lanes: Lanes
}

/** Reads what is parked so far. */
export async function openParking<Value>(options: ParkingOptions<Value>): Promise<Parking<Value>> {
  const { store, source, settings, keys, follower, label, signal, figures, logger, attempts, lanes } = options
  const laneOfKey = (key: string) => key.slice(keys.parked('').length)
  const blocked = new Map<string, ParkedItem>()
  for (const { key, item } of await loadParked(store, follower)) blocked.set(laneOfKey(key), item)
  /** The request that was seen to; at first whatever was asked for while nobody was active. */
  let seen: number | 'none' = 'none'
  count()

  function count(): void {
    figures.parked = blocked.size
  }

  async function park(
    item: Item<Value>,
    lane: string,
    index: number,
    cause: unknown,
    attempt: number,
  ): Promise<void> {
    if (!blocked.has(lane) && blocked.size >= settings.maxParked) {
      throw new FollowerTooManyParkedError(label, settings.maxParked)
    }
    const { sequence, aggregate, id, events } = item
    // Of a foreign program's events only what reading relies on is checked.
    const eventId: unknown = events[index]?.id
    const parked: ParkedItem = {
      stream: source.stream,
      sequence,
      index,
      aggregate,
      id,
      eventId: typeof eventId === 'string' ? eventId : '',
      type: events[index]?.type ?? '',
      ...failureText(cause),
      attempts: attempt,
      parkedAt: new Date().toISOString(),
      action: null,
    }
    // Known before it is written: others park at the same time, and each counts.
    blocked.set(lane, parked)
    count()
    await keep(() => writeParked(store, keys.parked(lane), parked))
    logger.warn(
      { err: cause, follower: label, ...parked },
      `${label}: ${parked.type || 'a message'} at ${source.stream} ${sequence} failed and is parked`,
    )
  }

  /** Until it is written: the checkpoint must not pass what is not. */
  async function keep<T>(write: () => Promise<T>): Promise<T> {
    return await persistently(write, {
      signal,
      maxMs: settings.retryMaxMs,
      onFailure: (error) =>
        logger.debug({ err: error, follower: label }, 'what is parked could not be written'),
    })
  }

  async function handleFrom(
    item: Item<Value>,
    lane: string,
    from: number,
    again: boolean,
    tried: (index: number) => number,
  ) {
    for (let index = from; index < item.events.length; index++) {
      const outcome = await attempts.handle(item.value, index, again)
      if (outcome.kind === 'stopped') return 'stopped'
      if (outcome.kind === 'done') continue
      try {
        await park(item, lane, index, outcome.cause, tried(index) + 1)
      } catch (error) {
        if (signal.aborted) return 'stopped'
        throw error
      }
      return 'parked'
    }
    return 'done'
  }

  /** Does what was asked for with a lane: its parked event, then what has waited behind it, in order. */
  async function see(lane: string, parked: ParkedItem, last: number): Promise<void> {
    const to = options.order === 'aggregate' ? last : parked.sequence
    for await (const item of source.read(parked.aggregate, parked.id, parked.sequence, to)) {
      if (signal.aborted) return
      if (laneOf(item.aggregate, item.id) !== laneOf(parked.aggregate, parked.id)) continue
      const isFirst = item.sequence === parked.sequence
      const from = isFirst ? parked.index + (parked.action === 'drop' ? 1 : 0) : 0
      const tried = (index: number) => (isFirst && index === parked.index ? parked.attempts : 0)
      if ((await handleFrom(item, lane, from, true, tried)) !== 'done') return
    }
    await keep(() => removeParked(store, keys.parked(lane)))
    blocked.delete(lane)
    count()
    logger.info(
      { follower: label, ...parked },
      `${label}: nothing of ${parked.aggregate} ${parked.id} is parked any more`,
    )
  }

  /** Whether it can be seen to now. */
  function ask({ key, item }: ParkedEntry, last: number): boolean {
    // What has not come by yet in this term is not in its lane yet either.
    if (item.sequence > last) return false
    const lane = laneOfKey(key)
    blocked.set(lane, item)
    lanes.add(lane, async () => {
      const parked = blocked.get(lane)
      // It was asked for twice, and the first time has seen to it.
      if (!parked?.action || signal.aborted) return
      try {
        await see(lane, parked, last)
      } catch (error) {
        if (signal.aborted) return
        logger.warn(
          { err: error, follower: label },
          `${label}: a parked event could not be seen to; it is tried again`,
        )
        seen = 'none'
      }
    })
    return true
  }

  return {
    blocks: (lane) => blocked.has(lane),
    handleOrPark: (item, lane, from, again) => handleFrom(item, lane, from, again, () => 0),
    async lookForRequests(last) {
      const request = (await store.get(keys.request))?.revision ?? 0
      if (request === seen) return
      const entries = await loadParked(store, follower)
      // What comes in from here on stands behind the jobs in its lane: nothing may be awaited between the two.
      const to = last()
      const asked = entries.filter(({ item }) => item.action !== null)
      if (asked.map((entry) => ask(entry, to)).every(Boolean)) seen = request
    },
  }
}
