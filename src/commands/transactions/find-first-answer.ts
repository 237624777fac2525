import type { EventLog } from '../../streams/log/event-log.ts'
import type { CommandAccepted } from '../command.ts'
import type { Held } from '../actor/held.ts'
import { recallCommand } from '../actor/recall-command.ts'
import { type Share, transactionReply } from './transaction-reply.ts'
import type { Enlisted } from './enlisted.ts'

/**
 * The first answer to a command id that the log holds already; undefined when it holds none. The id alone tells, as it does
 * for commands of one aggregate: it is looked for among those that take part.
 */
export async function findFirstAnswer(
  { command, participants }: Enlisted,
  holds: ReadonlyMap<string, Held>,
  log: EventLog,
): Promise<CommandAccepted | undefined> {
  const held = participants.flatMap(({ key }) => holds.get(key) ?? [])
  const { commandId } = command
  if (!(await anyKnows(held, commandId, log))) return undefined
  // Where this replica is behind with one of them, the others alone would tell half of it.
  await Promise.all(held.map((one) => one.catchUp()))
  const shares: Share[] = []
  for (const one of held) {
    const found = await recallCommand(one.loaded, commandId, log)
    if (found)
      shares.push({ aggregate: one.aggregate.name, id: one.id, version: one.loaded.version, ...found })
  }
  const [first, ...others] = shares
  return first && transactionReply(log.stream, [first, ...others], command, true)
}

async function anyKnows(held: readonly Held[], commandId: string, log: EventLog): Promise<boolean> {
  for (const one of held) if (await recallCommand(one.loaded, commandId, log)) return true
  return false
}
