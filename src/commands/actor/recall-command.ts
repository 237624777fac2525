import type { CloudEvent } from '../../streams/events/cloud-event.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import type { Loaded } from './activation.ts'

/**
 * The events that an aggregate got from a command which the log holds already, and the sequence of their commit; undefined
 * when it holds none.
 */
export async function recallCommand(
  { recent }: Pick<Loaded, 'recent'>,
  commandId: string,
  log: EventLog,
): Promise<{ sequence: number; events: CloudEvent[] } | undefined> {
  for (const sequence of recent.find(commandId)) {
    const commit = await log.read.at(sequence)
    const events = commit?.events.filter(({ commandid }) => commandid === commandId) ?? []
    if (events.length > 0) return { sequence, events }
  }
  return undefined
}
