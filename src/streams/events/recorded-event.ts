import type { CloudEvent } from './cloud-event.ts'
import type { Commit } from './commit.ts'
import type { EventDefinitions, EventTypes } from './event-types.ts'

/** A past event as `evolve` and projections see it: at the current version of its schema. */
export interface RecordedEvent<Type extends string = string, Data = unknown> {
  id: string
  type: Type
  data: Data
  aggregate: string
  aggregateId: string
  /** The aggregate's version after it. */
  version: number
  /** When it happened in the business, ISO 8601 in UTC. */
  time: string
  correlationId: string
  causationId: string
  commandId: string
}

/** Whatever has events: what the log, a projection or the graph needs to know of an aggregate. */
export interface EventSource<
  Name extends string = string,
  Events extends EventDefinitions = EventDefinitions,
> {
  readonly name: Name
  readonly events: Events
  readonly types: EventTypes
}

/** The events of a commit at the current version of their schemas. Throws UnknownEventError with the position. */
export function recordedEvents(types: EventTypes, commit: Commit): RecordedEvent[] {
  return commit.events.map((event) => recordedEvent(types, event, commit))
}

/** One event of a commit, likewise. */
export function recordedEvent(
  types: EventTypes,
  event: CloudEvent,
  { aggregate, id, position }: Pick<Commit, 'aggregate' | 'id' | 'position'>,
): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    data: types.decode(event, position),
    aggregate,
    aggregateId: id,
    version: event.sequence,
    time: event.time,
    correlationId: event.correlationid,
    causationId: event.causationid,
    commandId: event.commandid,
  }
}
