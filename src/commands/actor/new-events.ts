import { randomUUID } from 'node:crypto'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { EventDefinitions } from '../../streams/events/event-types.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { Command } from '../command.ts'
import type { Decision, Rejection } from '../definition/decision.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import { type Problem, problem } from '../problem.ts'

/** An aggregate at the moment of a decision. */
export interface DecisionStart {
  /** `/<namespace>/<context>/<aggregate>` */
  source: string
  id: string
  state: unknown
  version: number
}

/**
 * What a decision makes of an aggregate: its new events as they will be stored, and the state after them.
 * @throws whatever the schemas or the fold throw: the domain has a bug then
 */
export function applyDecision(
  aggregate: Aggregate,
  { source, id, state, version }: DecisionStart,
  command: Command,
  decision: Exclude<Decision<EventDefinitions>, Rejection>,
): { events: CloudEvent[]; state: unknown } {
  const decided = Array.isArray(decision) ? decision : [decision]
  const events = decided.map((event, index) =>
    cloudEvent(aggregate, source, id, command, version + index + 1, event),
  )
  return {
    events,
    state: events.reduce((current, event) => aggregate.evolve(current, recorded(aggregate, event)), state),
  }
}

/** What Expected-Version asks for is not so. */
export function wrongVersion(aggregate: string, id: string, expected: number, actual: number): Problem {
  return problem({
    status: 409,
    code: 'WRONG_EXPECTED_VERSION',
    detail: `${aggregate} ${id} has version ${actual}, not ${expected}: read it again and decide anew`,
    actualVersion: actual,
  })
}

function cloudEvent(
  aggregate: Aggregate,
  source: string,
  id: string,
  command: Command,
  version: number,
  event: { type: string; data: unknown },
): CloudEvent {
  const { dataversion, data } = aggregate.types.encode(event.type, event.data)
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: event.type,
    subject: id,
    time: command.time,
    datacontenttype: 'application/json',
    sequence: version,
    dataversion,
    correlationid: command.correlationId,
    causationid: command.causationId,
    commandid: command.commandId,
    ...(command.traceparent !== undefined && { traceparent: command.traceparent }),
    data,
  }
}

/** An event that is not stored yet, as a fold sees it: just encoded, so of the current version. */
function recorded(aggregate: Aggregate, event: CloudEvent): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    data: event.data,
    aggregate: aggregate.name,
    aggregateId: event.subject,
    version: event.sequence,
    time: event.time,
    correlationId: event.correlationid,
    causationId: event.causationid,
    commandId: event.commandid,
  }
}
