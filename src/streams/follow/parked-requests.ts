import type { HandleItem } from './handle-item.ts'
import type { Lanes } from './lanes.ts'
import { laneOf } from './names.ts'
import { type ParkedEntry, type ParkedItem, loadParked } from './parked-item.ts'
import type { ParkedLanes } from './parked-lanes.ts'
import type { TermOptions } from './term-options.ts'

export interface ParkedRequestsOptions<Value> extends TermOptions<Value> {
  lanes: Lanes
  parked: ParkedLanes<Value>
  handleItem: HandleItem<Value>
}

/**
 * Sees to what somebody asked for with what is parked, each time that it is called. `last` answers the last sequence that was
 * taken in.
 */
export function createParkedRequests<Value>(options: ParkedRequestsOptions<Value>) {
  const { store, keys, order, follower, label, signal, logger, lanes, parked } = options
  /** The request that was seen to; at first whatever was asked for while nobody was active. */
  let seen: number | 'none' = 'none'

  /** Whether it can be seen to now. */
  function see(entry: ParkedEntry, last: number): boolean {
    const { item } = entry
    // What has not come by yet in this term is not in its lane yet either.
    if (item.sequence > last) return false
    const lane = parked.take(entry)
    if (lane === undefined) return false
    // One of its aggregate at a time, also when it was parked by a release without order.
    const turn = order === 'aggregate' ? laneOf(item.aggregate, item.id) : lane
    lanes.add(turn, async () => {
      const asked = parked.get(lane)
      // It was asked for twice, and the first time has seen to it.
      if (!asked?.action || signal.aborted) return
      try {
        await handleLane(options, lane, asked, last)
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

  return async (last: () => number): Promise<void> => {
    const request = (await store.get(keys.request))?.revision ?? 0
    if (request === seen) return
    const entries = await loadParked(store, follower)
    // What comes in from here on stands behind the jobs in its lane: nothing may be awaited between the two.
    const to = last()
    const asked = entries.filter(({ item }) => item.action !== null)
    if (asked.map((entry) => see(entry, to)).every(Boolean)) seen = request
  }
}

/** Does what was asked for with a lane: its parked event, then what has waited behind it, in order. */
async function handleLane<Value>(
  { source, signal, parked, handleItem }: ParkedRequestsOptions<Value>,
  lane: string,
  asked: ParkedItem,
  last: number,
): Promise<void> {
  const whole = laneOf(asked.aggregate, asked.id)
  // By the lane, not by the order of this release: the one that parked it knew what waits behind it.
  const to = lane === whole ? last : asked.sequence
  for await (const item of source.read(asked.aggregate, asked.id, asked.sequence, to)) {
    if (signal.aborted) return
    if (laneOf(item.aggregate, item.id) !== whole) continue
    const isFirst = item.sequence === asked.sequence
    const from = isFirst ? asked.index + (asked.action === 'drop' ? 1 : 0) : 0
    const tried = (index: number) => (isFirst && index === asked.index ? asked.attempts : 0)
    if ((await handleItem(item, lane, { from, again: true, tried })) !== 'done') return
  }
  await parked.clear(lane, asked)
}
