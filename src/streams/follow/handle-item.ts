import type { Attempts } from './attempt.ts'
import type { ParkedLanes } from './parked-lanes.ts'
import type { Item } from './source.ts'

/** `parked`: an event of it failed for good, and its lane waits from then on. `stopped`: it is to be handled again. */
export type HandledItem = 'done' | 'parked' | 'stopped'

/** Handles the events of an item, from one on; the first that fails for good is parked. */
export type HandleItem<Value> = (
  item: Item<Value>,
  lane: string,
  how: {
    from: number
    /** It may have been handled before. */
    again: boolean
    /** How often an event was tried before. */
    tried: (index: number) => number
  },
) => Promise<HandledItem>

export interface HandleItemOptions<Value> {
  attempts: Attempts<Value>
  parked: ParkedLanes<Value>
  signal: AbortSignal
}

export function createHandleItem<Value>({
  attempts,
  parked,
  signal,
}: HandleItemOptions<Value>): HandleItem<Value> {
  return async (item, lane, { from, again, tried }) => {
    for (let index = from; index < item.events.length; index++) {
      const outcome = await attempts.handle(item.value, index, again)
      if (outcome.kind === 'stopped') return 'stopped'
      if (outcome.kind === 'done') continue
      try {
        await parked.park(item, lane, { index, cause: outcome.cause, attempts: tried(index) + 1 })
      } catch (error) {
        if (signal.aborted) return 'stopped'
        throw error
      }
      return 'parked'
    }
    return 'done'
  }
}
