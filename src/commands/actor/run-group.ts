import { lastVersion } from '../../streams/events/commit.ts'
import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import { ConflictError } from '../../streams/log-errors.ts'
import { acceptedReply } from './accepted-reply.ts'
import { type Loaded, catchUp } from './activation.ts'
import type { ActorContext } from './actor-context.ts'
import type { Command, CommandReply } from '../command.ts'
import { isConsulted } from './consult.ts'
import { type Outcome, decideGroup } from './decide-group.ts'
import type { StoredResult } from './held.ts'
import type { Letter } from './letter.ts'
import { type Problem, problem } from '../problem.ts'
import { recallCommand } from './recall-command.ts'

/**
 * Decides a group of commands on an aggregate, stores what they make happen as one commit, and answers each. When another
 * replica was first, the group is decided again on what is really there, a bounded number of times.
 *
 * @param group whatever is answered is taken out of it, so that what is still in it when this throws is unanswered
 * @param stored takes over what has been stored, before anybody hears of it
 * @throws what the log throws, and whatever an event throws that JSON cannot carry; nothing is stored then, or its outcome
 *   is not known
 */
export async function runGroup(
  group: Letter[],
  loaded: Loaded,
  context: ActorContext,
  stored: (result: StoredResult) => void,
): Promise<void> {
  const { subject, id, aggregate, log, settings, source, onError } = context
  const consult = await consultation(group[0]?.command, loaded, context)
  for (let attempt = 0; ; attempt++) {
    await answerRepeated(group, loaded, context)
    if (group.length === 0) return
    const commands = group.map(({ command }) => command)
    const answer = await consult?.()
    const decision = decideGroup(aggregate, { source, id, ...loaded, answer }, commands, (error, command) =>
      onError(error, `the decider of ${aggregate.name} failed on ${command.name}`),
    )
    let sequence = loaded.sequence
    try {
      if (decision.events.length === 0) await assertCurrent(loaded, context)
      else sequence = await log.append({ subject, expected: sequence, events: decision.events })
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      if (attempt >= settings.conflictRetries) {
        for (const { answer: refuse } of group.splice(0)) refuse(contention(aggregate.name, id))
        return
      }
      await catchUp(subject, id, loaded, context)
      continue
    }
    try {
      stored({ ...decision, sequence })
    } finally {
      // What the log holds is answered so, whatever becomes of what is kept in memory.
      for (const [index, { answer: reply }] of group.splice(0).entries()) {
        const outcome = decision.outcomes[index]
        if (outcome) reply(replyTo(outcome, decision.events, sequence, context))
      }
    }
    return
  }
}

/**
 * How the first command of a group asks the outside world, if it does: about what the log has now, and not about what this
 * replica last saw, for what is asked there may cost money.
 */
async function consultation(
  command: Command | undefined,
  loaded: Loaded,
  context: ActorContext,
): Promise<(() => Promise<unknown>) | undefined> {
  const { aggregate, consultations, log, subject, id } = context
  if (!command || !isConsulted(aggregate, command)) return undefined
  if ((await log.leaderSequence(subject)) !== loaded.sequence) await catchUp(subject, id, loaded, context)
  const deadline = consultations.deadline()
  return async () => {
    const { expectedVersion } = command
    if (expectedVersion !== undefined && expectedVersion !== loaded.version) return undefined
    return await consultations.ask(aggregate, command, loaded.state, deadline)
  }
}

/** A refusal must rest on what the leader has, not on what this replica last saw. */
async function assertCurrent({ sequence }: Loaded, { log, subject }: ActorContext): Promise<void> {
  if ((await log.leaderSequence(subject)) !== sequence) throw new ConflictError(subject, sequence)
}

/** Takes the commands that the log already holds out of the group and gives them their first answer again. */
async function answerRepeated(group: Letter[], loaded: Loaded, context: ActorContext): Promise<void> {
  const suspects = group.filter(({ command }) => loaded.recent.find(command.commandId).length > 0)
  for (const letter of suspects) {
    const first = await recallCommand(loaded, letter.command.commandId, context.log)
    if (!first) continue
    letter.answer(accepted(first, lastVersion(first), true, context))
    group.splice(group.indexOf(letter), 1)
  }
}

function replyTo(
  outcome: Outcome,
  events: CloudEvent[],
  sequence: number,
  context: ActorContext,
): CommandReply {
  if (outcome.kind === 'refused') return outcome.problem
  if (outcome.kind === 'accepted') {
    const own = events.slice(outcome.from, outcome.to)
    return accepted({ events: own, sequence }, outcome.version, false, context)
  }
  const first = replyTo(outcome.of, events, sequence, context)
  return first.ok ? { ...first, duplicate: true } : first
}

function accepted(
  result: { events: CloudEvent[]; sequence: number },
  version: number,
  duplicate: boolean,
  { aggregate, id, log }: ActorContext,
) {
  return acceptedReply({ stream: log.stream, aggregate: aggregate.name, id, version, duplicate, ...result })
}

function contention(aggregate: string, id: string): Problem {
  return problem({
    status: 503,
    code: 'CONTENTION',
    detail: `${aggregate} ${id} is being written by others too often at this moment; send the command again`,
    retryAfterMs: 50,
  })
}
