import { randomUUID } from 'node:crypto'
import type { CloudEvent } from '../streams/cloud-event.ts'
import type { RecordedEvent } from '../streams/recorded-event.ts'
import type { Command } from './command.ts'
import { type Decision, isRejection } from './decision.ts'
import type { Aggregate } from './define-aggregate.ts'
import { type Problem, problem } from './problem.ts'
import type { EventDefinitions } from '../streams/event-types.ts'

/** What one command of a group came to: the events `from` ≤ index < `to` of the group's, or a refusal. */
export type Outcome =
  | { kind: 'accepted'; from: number; to: number; version: number }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'repeated'; of: Outcome }

export interface GroupDecision {
  /** One for each command, in order. */
  outcomes: Outcome[]
  events: CloudEvent[]
  state: unknown
  version: number
}

export interface GroupStart {
  /** `/<namespace>/<context>/<aggregate>` */
  source: string
  id: string
  state: unknown
  version: number
}

/**
 * Decides a group of commands in order, each against the state that the ones before it leave. A refused command, and
 * one whose decider throws, changes nothing for the others. Pure but for the ids it makes up.
 *
 * @param onBug hears of deciders and folds that threw; their command is refused with INTERNAL
 */
export function decideGroup(
  aggregate: Aggregate,
  { source, id, state, version }: GroupStart,
  commands: readonly Command[],
  onBug: (error: unknown, command: Command) => void,
): GroupDecision {
  const decision: GroupDecision = { outcomes: [], events: [], state, version }
  // What the log will know of this group: a command without events leaves no trace there, and is decided every time.
  const stored = new Map<string, Outcome>()
  for (const command of commands) {
    const earlier = stored.get(command.commandId)
    const outcome: Outcome = earlier
      ? { kind: 'repeated', of: earlier }
      : decideOne(aggregate, source, id, decision, command, onBug)
    if (outcome.kind === 'accepted' && outcome.to > outcome.from) stored.set(command.commandId, outcome)
    decision.outcomes.push(outcome)
  }
  return decision
}

function decideOne(
  aggregate: Aggregate,
  source: string,
  id: string,
  group: GroupDecision,
  command: Command,
  onBug: (error: unknown, command: Command) => void,
): Outcome {
  const { expectedVersion } = command
  if (expectedVersion !== undefined && expectedVersion !== group.version) {
    return refused({
      status: 409,
      code: 'WRONG_EXPECTED_VERSION',
      detail: `${aggregate.name} ${id} has version ${group.version}, not ${expectedVersion}: read it again and decide anew`,
      actualVersion: group.version,
    })
  }
  try {
    const decision = aggregate.decide(command.name, group.state, command.data, {
      id,
      time: command.time,
      commandId: command.commandId,
    })
    if (isRejection(decision)) return refused(decision)
    const events = newEvents(decision).map((event, index) =>
      cloudEvent(aggregate, source, id, command, group.version + index + 1, event),
    )
    const state = events.reduce(
      (current, event) => aggregate.evolve(current, recorded(aggregate, event)),
      group.state,
    )
    const from = group.events.length
    group.events.push(...events)
    group.state = state
    group.version += events.length
    return { kind: 'accepted', from, to: group.events.length, version: group.version }
  } catch (error) {
    onBug(error, command)
    return refused({
      status: 500,
      code: 'INTERNAL',
      detail: 'The service failed on this command; its log says why. Nothing was stored',
    })
  }
}

const refused = (details: Parameters<typeof problem>[0]): Outcome => ({
  kind: 'refused',
  problem: problem(details),
})

function newEvents(decision: Exclude<Decision<EventDefinitions>, { rejected: true }>) {
  return Array.isArray(decision) ? decision : [decision]
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
