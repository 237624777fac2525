import type { EventLog } from '../../streams/log/event-log.ts'
import { ConflictError } from '../../streams/log-errors.ts'
import type { Command, CommandReply } from '../command.ts'
import type { Held } from '../actor/held.ts'
import { type Share, transactionReply } from './transaction-reply.ts'
import { type Part, type RoundOutcome, decideRound } from './decide-round.ts'
import type { Enlisted } from './enlisted.ts'

/**
 * Decides transactions on the aggregates that are held, stores what they make happen as one batch, and answers what to reply
 * to each. Nothing is stored when it throws, or its outcome is not known.
 *
 * @throws ConflictError when another replica wrote to one of the aggregates, also when nothing happens to that one and a
 *   refusal rests on it; and what `appendAtomic` throws
 */
export async function runRound(
  round: readonly Enlisted[],
  held: ReadonlyMap<string, Held>,
  log: EventLog,
  onBug: (error: unknown, command: Command) => void,
): Promise<Map<Enlisted, CommandReply>> {
  const parts = new Map(
    [...held].map(
      ([
        key,
        {
          id,
          source,
          loaded: { state, version },
        },
      ]): [string, Part] => [key, { id, source, state, version, events: [] }],
    ),
  )
  const outcomes = decideRound(round, parts, onBug)
  const touched = [...parts].filter(([, { events }]) => events.length > 0)
  const restedOn = new Set(round.flatMap(({ participants }) => participants.map(({ key }) => key)))
  for (const [key] of touched) restedOn.delete(key)
  await assertCurrent([...restedOn].flatMap((key) => held.get(key) ?? []))
  await store(touched, held, log)

  const shareOf = (key: string, commandId: string): Share[] => {
    const one = held.get(key)
    const part = parts.get(key)
    if (!one || !part) return []
    const events = part.events.filter(({ commandid }) => commandid === commandId)
    const { version, sequence } = one.loaded
    return [{ aggregate: one.aggregate.name, id: one.id, version, sequence, events }]
  }
  const replyTo = (one: Enlisted, outcome: RoundOutcome): CommandReply => {
    if (outcome.kind === 'refused') return outcome.problem
    const { command, participants } = one
    const [first, ...others] = participants.flatMap(({ key }) => shareOf(key, command.commandId))
    if (!first) throw new TypeError(`Nobody takes part in ${command.name}`)
    return transactionReply(log.stream, [first, ...others], command, outcome.kind === 'repeated')
  }
  return new Map(
    round.flatMap((one, index): [Enlisted, CommandReply][] => {
      const outcome = outcomes[index]
      return outcome ? [[one, replyTo(one, outcome)]] : []
    }),
  )
}

/** What is decided rests on what the leader has. The batch itself sees to those that it writes to. */
async function assertCurrent(untouched: readonly Held[]): Promise<void> {
  const current = await Promise.all(untouched.map((one) => one.isCurrent()))
  const stale = untouched.find((_, index) => current[index] === false)
  if (stale) throw new ConflictError(stale.subject, stale.loaded.sequence)
}

async function store(
  touched: readonly [string, Part][],
  held: ReadonlyMap<string, Held>,
  log: EventLog,
): Promise<void> {
  const drafts = touched.flatMap(([key, part]) => {
    const one = held.get(key)
    return one
      ? [{ one, part, subject: one.subject, expected: one.loaded.sequence, events: part.events }]
      : []
  })
  const [only, another] = drafts
  // A commit of one aggregate is atomic by itself, and five times as fast.
  const sequences = only && !another ? [await log.append(only)] : await log.appendAtomic(drafts)
  for (const [index, { one, part }] of drafts.entries()) {
    const sequence = sequences[index]
    if (sequence !== undefined) one.stored({ ...part, sequence })
  }
}
