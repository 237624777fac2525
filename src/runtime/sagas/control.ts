import type { CommandAccepted } from '../../commands/command.ts'
import type { GraphContext } from '../../graph/context/context.ts'
import { checkedCommandId } from '../../graph/reads/command-field.ts'
import { type SagaArguments, nameOf } from './find-saga.ts'

type ControlArguments = SagaArguments & { commandId?: string | null; [name: string]: unknown }

/**
 * The resolver of a mutation that sends a command to a saga that has begun, whatever its name.
 * @param known the names of sagas
 * @param given the arguments that are the command's data
 */
export function controlSaga(known: readonly string[], command: string, given: readonly string[]) {
  return async (_: unknown, args: ControlArguments, context: GraphContext): Promise<CommandAccepted> => {
    const { id, commandId } = args
    const data = given.filter((name) => args[name] !== undefined && args[name] !== null)
    return await context.send({
      aggregate: await nameOf(args, known, context),
      id,
      command,
      data: Object.fromEntries(data.map((name) => [name, args[name]])),
      ...(typeof commandId === 'string' && { commandId: checkedCommandId(commandId) }),
    })
  }
}
