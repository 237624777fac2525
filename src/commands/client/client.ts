import type { ZodType, input } from 'zod'
import { HeadwaterError } from '../../streams/errors.ts'
import type { CommandAccepted } from '../command.ts'
import type { CommandEnvelope, CommandSender } from './command-sender.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import type { Problem } from '../problem.ts'

/**
 * The service refused a command. `code`, `status`, `errors` and `message` are those of its problem document.
 *
 * @example
 * const { client, close } = await connectClient([order])
 * try {
 *   await client.order('o-404').confirm({})
 * } catch (error) {
 *   if (!(error instanceof CommandRefusedError && error.code === 'ORDER_NOT_FOUND')) throw error
 * }
 * await close()
 */
export class CommandRefusedError extends HeadwaterError {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem)
    this.problem = problem
  }
}

/** What may go with a command besides its data. */
export type CommandOptions = Omit<CommandEnvelope, 'aggregate' | 'id' | 'command' | 'data'>

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type CommandMethods<Commands extends Record<string, ZodType>> = {
  [Name in keyof Commands as CamelCase<Name>]: (
    data: input<Commands[Name]>,
    options?: CommandOptions,
  ) => Promise<CommandAccepted>
}

type CommandsOf<A> = A extends { readonly commands: infer Commands extends Record<string, ZodType> }
  ? Commands
  : never

/** A method for each command of each aggregate: `client.order(id).create(data)`; names with hyphens in camel case. */
export type CommandClient<Aggregates extends readonly Aggregate[]> = {
  [A in Aggregates[number] as A['name']]: (id: string) => CommandMethods<CommandsOf<A>>
}

/**
 * A typed client: `await client.order('o-1').create({ … })`, `client.customer('c-1').changeAddress({ … })`.
 * Time-outs and 503 are retried with the same command id.
 *
 * Its methods throw CommandRefusedError when the service says no, CommandTimeoutError when nobody answered.
 *
 * @example
 * const service = await start({ contexts: [counters] })
 * const client = createCommandClient(service.sender, [counter])
 * const { version } = await client.counter('c-1').add({ by: 2 }, { commandId: 'add-1' })
 * await service.stop()
 */
export function createCommandClient<const Aggregates extends readonly Aggregate[]>(
  sender: CommandSender,
  aggregates: Aggregates,
): CommandClient<Aggregates>
export function createCommandClient(sender: CommandSender, aggregates: readonly Aggregate[]) {
  return Object.fromEntries(
    aggregates.map(({ name, commands }) => [
      name,
      (id: string) =>
        Object.fromEntries(
          Object.keys(commands).map((command) => [
            camelCase(command),
            async (data: unknown, options: CommandOptions = {}) => {
              const reply = await sender.send({ ...options, aggregate: name, id, command, data })
              if (!reply.ok) throw new CommandRefusedError(reply)
              return reply
            },
          ]),
        ),
    ]),
  )
}

const camelCase = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
