import { hash } from 'node:crypto'
import type { CommandReply } from '../../commands/command.ts'
import type { CommandSender } from '../../commands/command-sender.ts'
import type { PublicEvent } from '../../feed/feed-message.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { RecordedEvent } from '../../streams/recorded-event.ts'
import type { ReactorDefinition } from './definition.ts'
import { ReactorFailedError, commandsOf } from './reactor-command.ts'

/** A command of a reactor was refused, and the reactor does not say that this is fine. */
export class ReactorCommandRefusedError extends HeadwaterError {
  constructor(where: string, { code, status, detail }: Exclude<CommandReply, { ok: true }>) {
    // 429 and 503 pass: what carries such a status is tried again.
    super({ code, status, detail: `${where} was refused: ${detail}` })
  }
}

/**
 * Lets a reactor react to an event and sends its commands, one after another. Safe to repeat.
 * @throws ReactorFailedError, ReactorCommandRefusedError, and what the sender throws
 */
export async function react(
  reactor: ReactorDefinition,
  event: RecordedEvent | PublicEvent,
  sender: CommandSender,
): Promise<void> {
  const { name } = reactor
  for (const [index, command] of commandsOf(name, event.type, reaction(reactor, event)).entries()) {
    const reply = await sender.send({
      aggregate: command.aggregate,
      id: command.id,
      command: command.name,
      data: command.data ?? {},
      commandId: commandIdOf(name, event.id, index),
      correlationId: event.correlationId,
      causationId: event.id,
    })
    if (reply.ok || reactor.ignore.has(reply.code)) continue
    throw new ReactorCommandRefusedError(`${command.aggregate} ${command.id} ${command.name}`, reply)
  }
}

/** The same for the same event, whichever replica sends it and however often. */
export function commandIdOf(reactor: string, eventId: string, index: number): string {
  return hash('sha256', JSON.stringify([reactor, eventId, index]), 'base64url')
}

function reaction(reactor: ReactorDefinition, event: RecordedEvent | PublicEvent): unknown {
  try {
    return reactor.react(event)
  } catch (error) {
    // A function is pure: what it throws today it throws tomorrow, also when it calls itself transient.
    const why = error instanceof Error ? error.message : String(error)
    throw new ReactorFailedError(reactor.name, event.type, why, error)
  }
}
