import { hash } from 'node:crypto'
import type { CommandReply } from '../../commands/command.ts'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import type { AddressedCommand } from '../../commands/definition/command-to.ts'
import { isFinal } from '../../commands/is-final.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { Outcome } from '../machine/commands.ts'
import type { Failure } from '../machine/events.ts'

export interface Performance {
  sender: CommandSender
  commands: readonly AddressedCommand[]
  /** What the ids of the commands are made of: the same for every attempt. */
  key: string
  correlationId: string
  /** The event that announced it. */
  causationId: string
  /** Codes of refusals that mean: there is nothing to do. */
  ignore: readonly string[]
  /** Somebody may have sent them before, and not have told what came of it. */
  isAgain: boolean
}

type Answer =
  | { kind: 'accepted'; reply?: { aggregate: string; id: string; version: number } }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'unavailable'; failure: Failure }

/**
 * What a command is refused with before it comes to its aggregate, which would know its id. A later release may be stricter than the one
 * that accepted it.
 */
const BEFORE_THE_AGGREGATE = new Set([
  'UNKNOWN_AGGREGATE',
  'UNKNOWN_COMMAND',
  'INVALID_ID',
  'INVALID_HEADER',
  'INVALID_COMMAND',
  'MALFORMED_JSON',
  'COMMAND_TOO_LARGE',
])

/** How many commands of a step are on their way at a time. */
const SIDE_BY_SIDE = 50

/** Sends the commands of a step, and says how it came off as a whole. */
export async function perform(performance: Performance): Promise<Outcome> {
  const { commands, isAgain } = performance
  const answers: Answer[] = []
  for (let from = 0; from < commands.length; from += SIDE_BY_SIDE) {
    const some = commands.slice(from, from + SIDE_BY_SIDE)
    answers.push(...(await Promise.all(some.map((command, at) => ask(performance, command, from + at)))))
    // What comes behind a refusal would only have to be undone; and what is not known to be accepted now may be refused later.
    if (answers.some(({ kind }) => kind !== 'accepted')) break
  }
  const refused = answers.find((answer) => answer.kind === 'refused')
  if (refused) {
    const { failure } = refused
    const unsure =
      isAgain &&
      answers.some((answer) => answer.kind === 'refused' && BEFORE_THE_AGGREGATE.has(answer.failure.code))
    const partly = unsure || answers.some(({ kind }) => kind !== 'refused')
    return { kind: 'refused', failure, partly, ...(unsure && { unsure }) }
  }
  const unavailable = answers.find((answer) => answer.kind === 'unavailable')
  if (unavailable) return { kind: 'unavailable', failure: unavailable.failure }
  return {
    kind: 'accepted',
    replies: answers.flatMap((answer) => (answer.kind === 'accepted' && answer.reply ? [answer.reply] : [])),
  }
}

async function ask(performance: Performance, command: AddressedCommand, index: number): Promise<Answer> {
  const { sender, key, correlationId, causationId, ignore } = performance
  try {
    const commandId = commandIdOf(key, index)
    const reply = await sender.send({ ...command, commandId, correlationId, causationId })
    return answerOf(reply, ignore)
  } catch (error) {
    if (!(error instanceof HeadwaterError)) throw error
    const { status, code, message: detail } = error
    return { kind: isFinal(status) ? 'refused' : 'unavailable', failure: { status, code, detail } }
  }
}

function answerOf(reply: CommandReply, ignore: readonly string[]): Answer {
  if (reply.ok) {
    const { aggregate, id, version } = reply
    return { kind: 'accepted', reply: { aggregate, id, version } }
  }
  const { status, code, detail } = reply
  if (ignore.includes(code)) return { kind: 'accepted' }
  return { kind: isFinal(status) ? 'refused' : 'unavailable', failure: { status, code, detail } }
}

/** The longest that a Command-Id may be. */
const MAX_ID = 200

function commandIdOf(key: string, index: number): string {
  const id = `${key}.${index}`
  return id.length <= MAX_ID ? id : hash('sha256', id, 'base64url')
}
