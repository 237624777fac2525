import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { Command } from '../command.ts'
import { isRejection } from '../definition/decision.ts'
import { type DecisionStart, applyDecision, wrongVersion } from '../actor/new-events.ts'
import { type Problem, internalProblem, problem } from '../problem.ts'
import { type Enlisted, type Participant, addressed } from './enlisted.ts'

/** An aggregate as a round finds it, and goes on with it. */
export interface Part extends DecisionStart {
  /** What happened to it in this round so far. */
  events: CloudEvent[]
}

/** What a transaction of a round came to. `repeated`: an earlier one of the round has the same command id. */
export type RoundOutcome = { kind: 'accepted' } | { kind: 'repeated' } | { kind: 'refused'; problem: Problem }

/**
 * Decides transactions in order, each against the states that the ones before it leave. One that is refused, or whose decider
 * throws, changes nothing for the others. Pure but for the ids it makes up.
 *
 * @param parts the aggregates by key; each goes on to what the round makes of it
 * @param onBug hears of deciders and folds that threw; their transaction is refused with INTERNAL
 */
export function decideRound(
  enlisted: readonly Enlisted[],
  parts: ReadonlyMap<string, Part>,
  onBug: (error: unknown, command: Command) => void,
): RoundOutcome[] {
  const partOf = ({ key }: Participant): Part => {
    const part = parts.get(key)
    if (!part) throw new TypeError(`${key} is not held in this round`)
    return part
  }
  return enlisted.map((one) => {
    const { commandId } = one.command
    const isRepeated = one.participants.some((participant) =>
      partOf(participant).events.some(({ commandid }) => commandid === commandId),
    )
    if (isRepeated) return { kind: 'repeated' }
    try {
      const refusal = decideOne(one, partOf)
      return refusal ? { kind: 'refused', problem: refusal } : { kind: 'accepted' }
    } catch (error) {
      onBug(error, one.command)
      return { kind: 'refused', problem: internalProblem() }
    }
  })
}

/** The refusal, or nothing: then it has happened to all parts. */
function decideOne(one: Enlisted, partOf: (participant: Participant) => Part): Problem | undefined {
  const { command, transaction, participants } = one
  const { expectedVersion, id, time, commandId } = command
  const target = addressed(one)
  if (expectedVersion !== undefined && target) {
    const { version } = partOf(target)
    if (version !== expectedVersion)
      return wrongVersion(target.aggregate.name, target.id, expectedVersion, version)
  }
  const states = Object.fromEntries(participants.map((each) => [each.role, partOf(each).state]))
  const ids = Object.fromEntries(participants.map((each) => [each.role, each.id]))
  const decision = transaction.decide(states, command.data, { id, time, commandId, ids })
  if (isRejection(decision)) return problem(decision)
  const stranger = Object.keys(decision).find((role) => participants.every((each) => each.role !== role))
  if (stranger !== undefined) throw new TypeError(`${transaction.name} has no role ${stranger}`)
  // All of them before the first is applied: whatever throws, the round goes on as if this one had not been.
  const made = participants.flatMap((each) => {
    const decided = decision[each.role]
    const part = partOf(each)
    return decided ? [{ part, ...applyDecision(each.aggregate, part, command, decided) }] : []
  })
  for (const { part, events, state } of made) {
    part.events.push(...events)
    part.state = state
    part.version += events.length
  }
  return undefined
}
