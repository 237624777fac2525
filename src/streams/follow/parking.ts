import type { Attempts } from './attempt.ts'
import { type HandledItem, createHandleItem } from './handle-item.ts'
import type { Lanes } from './lanes.ts'
import { type TermBeginning, openParkedLanes } from './parked-lanes.ts'
import { createParkedRequests } from './parked-requests.ts'
import type { Item } from './source.ts'
import type { Term, TermOptions } from './term-options.ts'

/** What is left out for now, as the active replica knows it. */
export interface Parking<Value> {
  /** Whether something of the lane is parked, and what follows has to wait. */
  blocks(lane: string): boolean
  /** Handles the events of an item that has just come. */
  handleOrPark(item: Item<Value>, lane: string): Promise<HandledItem>
  /** Sees to what somebody asked for; `last` answers the last sequence that was taken in. */
  lookForRequests(last: () => number): Promise<void>
}

export interface ParkingOptions<Value> extends TermOptions<Value> {
  /** Where the term begins. */
  checkpoint: TermBeginning
  attempts: Attempts<Value>
  lanes: Lanes
  fail: Term<Value>['fail']
}

/** Reads what is parked so far. */
export async function openParking<Value>(options: ParkingOptions<Value>): Promise<Parking<Value>> {
  const parked = await openParkedLanes(options, options.checkpoint, options.fail)
  const handleItem = createHandleItem({ ...options, parked })
  return {
    blocks: (lane) => parked.get(lane) !== undefined,
    handleOrPark: (item, lane) => handleItem(item, lane, { from: 0, again: false, tried: () => 0 }),
    lookForRequests: createParkedRequests({ ...options, parked, handleItem }),
  }
}
