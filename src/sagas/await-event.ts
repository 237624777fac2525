import type { DataOf, EventDefinitions } from '../streams/events/event-types.ts'
import type { EventSource, RecordedEvent } from '../streams/events/recorded-event.ts'

/** An event that a step waits for, and which saga it is for. */
export interface AwaitedEvent {
  readonly from: EventSource
  readonly type: string
  /** The id of the saga; undefined for none. */
  saga(this: void, event: RecordedEvent): string | undefined
}

/**
 * What a step waits for: an event of an aggregate's log, with the types of that aggregate.
 *
 * @param saga which saga it is for, by its id; undefined for none
 * @example
 * const shipped: Step = { name: 'shipped', event: awaitEvent(order, 'order.shipped', ({ aggregateId }) => aggregateId) }
 * @throws TypeError when the aggregate has no such event
 */
export function awaitEvent<
  Name extends string,
  Events extends EventDefinitions,
  Type extends keyof Events & string,
>(
  from: EventSource<Name, Events>,
  type: Type,
  saga: (event: RecordedEvent<Type, DataOf<Events[Type]>>) => string | undefined,
): AwaitedEvent {
  if (!from.types.has(type)) throw new TypeError(`${from.name} has no event ${type} to wait for`)
  return { from, type, saga: (event) => Reflect.apply(saga, undefined, [event]) }
}
