import { randomUUID } from 'node:crypto'
import type { Command } from '../../src/commands/command.ts'

/**
 * A command as the endpoint would have parsed it, to be handed to the actors of one replica, past the queue group.
 * @param path aggregate, id and command, as in the subject
 * @param data has to fit the command's schema already
 */
export function aCommand(
  path: `${string}.${string}.${string}`,
  data: unknown = {},
  changes: Partial<Command> = {},
): Command {
  const [aggregate = '', id = '', name = ''] = path.split('.')
  const commandId = changes.commandId ?? randomUUID()
  return {
    aggregate,
    id,
    name,
    data,
    bytes: 10,
    commandId,
    correlationId: commandId,
    causationId: commandId,
    expectedVersion: undefined,
    time: '2026-01-31T10:00:00.000Z',
    traceparent: undefined,
    ...changes,
  }
}
