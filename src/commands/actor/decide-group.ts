import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Command } from '../command.ts'
import { isRejection } from '../definition/decision.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import { type DecisionStart, applyDecision, wrongVersion } from './new-events.ts'
import { type Problem, internalProblem, problem } from '../problem.ts'

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

export interface GroupStart extends DecisionStart {
  /** What the world outside said, for a command that is decided alone since it consults somebody. */
  answer?: unknown
}

/**
 * Decides a group of commands in order, each against the state that the ones before it leave. A refused command, and
 * one whose decider throws, changes nothing for the others. Pure but for the ids it makes up.
 *
 * @param onBug hears of deciders and folds that threw; their command is refused with INTERNAL
 */
export function decideGroup(
  aggregate: Aggregate,
  { source, id, state, version, answer }: GroupStart,
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
      : decideOne(aggregate, source, id, decision, command, answer, onBug)
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
  answer: unknown,
  onBug: (error: unknown, command: Command) => void,
): Outcome {
  const { expectedVersion } = command
  if (expectedVersion !== undefined && expectedVersion !== group.version) {
    return refused(wrongVersion(aggregate.name, id, expectedVersion, group.version))
  }
  try {
    const { name, data, time, commandId } = command
    const decision = aggregate.decide(name, group.state, data, { id, time, commandId }, answer)
    if (isRejection(decision)) return refused(problem(decision))
    const { state, version } = group
    const made = applyDecision(aggregate, { source, id, state, version }, command, decision)
    const from = group.events.length
    group.events.push(...made.events)
    group.state = made.state
    group.version += made.events.length
    return { kind: 'accepted', from, to: group.events.length, version: group.version }
  } catch (error) {
    onBug(error, command)
    return refused(internalProblem())
  }
}

const refused = (why: Problem): Outcome => ({ kind: 'refused', problem: why })
