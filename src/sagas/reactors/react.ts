import { hash } from 'node:crypto'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import { isFinal } from '../../commands/is-final.ts'
import type { AddressedCommand } from '../../commands/definition/command-to.ts'
import type { PublicEvent } from '../../feed/feed-message.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { ReactorDefinition } from './definition.ts'
import { ReactorFailedError, commandsOf } from './reaction.ts'
import { ReactorCommandRefusedError, type Refusal } from './refusal.ts'

type Event = RecordedEvent | PublicEvent

/**
 * Lets a reactor react to an event and sends its commands, one after another; when one is refused for good, those of its
 * `otherwise` instead of the rest. Safe to repeat.
 * @throws ReactorFailedError, ReactorCommandRefusedError, and what the sender throws
 */
export async function react(reactor: ReactorDefinition, event: Event, sender: CommandSender): Promise<void> {
  const commands = answered(reactor, event, () => reactor.react(event))
  const idOf = (place: number | string) => commandIdOf(reactor.name, event.id, place)
  for (const [index, command] of commands.entries()) {
    const refused = await refusalOf(reactor, event, sender, command, idOf(index))
    if (!refused) continue
    const refusal = { ...summary(refused), before: commands.slice(0, index) }
    const others = isFinal(refusal.status) ? otherwise(reactor, event, refusal) : undefined
    if (!others) throw refused
    for (const [place, other] of others.entries()) {
      // With the refused one's place: when another is refused after a crash, what follows from that is not the same.
      const again = await refusalOf(reactor, event, sender, other, idOf(`otherwise ${index} ${place}`))
      if (again) throw again
    }
    return
  }
}

/** The same for the same event, whichever replica sends it and however often. */
function commandIdOf(reactor: string, eventId: string, place: number | string): string {
  return hash('sha256', JSON.stringify([reactor, eventId, place]), 'base64url')
}

/** Sends a command; what it was refused with, unless that is as good as success. What passes is thrown. */
async function refusalOf(
  reactor: ReactorDefinition,
  { id, type, correlationId }: Event,
  sender: CommandSender,
  command: AddressedCommand,
  commandId: string,
): Promise<ReactorCommandRefusedError | undefined> {
  const { aggregate, id: addressed, command: name, data = {} } = command
  const envelope = {
    aggregate,
    id: addressed,
    command: name,
    data,
    commandId,
    correlationId,
    causationId: id,
  }
  try {
    const reply = await sender.send(envelope)
    return reply.ok || reactor.ignores(type, reply.code)
      ? undefined
      : new ReactorCommandRefusedError(command, reply)
  } catch (error) {
    // One that is too large, say, or addressed to what can have no subject: it does not come as far as the aggregate.
    if (!(error instanceof HeadwaterError) || !isFinal(error.status)) throw error
    const { code, status, message: detail } = error
    return new ReactorCommandRefusedError(command, { code, status, detail })
  }
}

function summary({ status, code, detail, command }: ReactorCommandRefusedError): Omit<Refusal, 'before'> {
  return { status, code, detail, command }
}

/** What is to be sent instead; undefined when the reactor has no answer to this refusal. */
function otherwise(reactor: ReactorDefinition, event: Event, refusal: Refusal) {
  let isAnswered = true
  const commands = answered(reactor, event, () => {
    const reaction = reactor.otherwise(event, refusal)
    isAnswered = reaction !== undefined
    return reaction
  })
  return isAnswered ? commands : undefined
}

function answered(
  { name }: ReactorDefinition,
  { type }: Event,
  ask: () => unknown,
): readonly AddressedCommand[] {
  let reaction: unknown
  try {
    reaction = ask()
  } catch (error) {
    // A function is pure: what it throws today it throws tomorrow, also when it calls itself transient.
    const why = error instanceof Error ? error.message : String(error)
    throw new ReactorFailedError(name, type, why, error)
  }
  return commandsOf(name, type, reaction)
}
