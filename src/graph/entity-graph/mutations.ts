import type { ZodType } from 'zod'
import { command } from '../reads/command-field.ts'
import type { GraphDefinition } from '../schema/define-graph.ts'
import { described } from './described.ts'

/** A field of `Mutation` that sends a command. */
export interface MutationOptions<Command extends string> {
  command: Command
  /** The SDL type of the command's data, `CreateOrderInput!`; without one it has none. */
  input?: string
  /** The command makes a new one: its id may be left out, and one is then made up. */
  creates?: boolean
  /** What the schema says of it. */
  description?: string
}

const MADE_UP =
  'Without an id one is made up; from the commandId, if there is one, so that repeating it is safe'

/** The mutations of an entity: the SDL of each, and the resolver that sends its command. */
export function mutationsOf<Commands extends Record<string, ZodType>>(
  key: string,
  aggregate: { readonly name: string; readonly commands: Commands },
  mutations: Readonly<Record<string, MutationOptions<keyof Commands & string>>>,
): GraphDefinition {
  const entries = Object.entries(mutations)
  return {
    typeDefs: `extend type Mutation { ${entries.map(([name, options]) => fieldOf(name, key, options)).join('\n')} }`,
    resolvers: {
      Mutation: Object.fromEntries(
        entries.map(([name, options]) => [name, command(aggregate, options.command, { key })]),
      ),
    },
  }
}

function fieldOf(
  name: string,
  key: string,
  { input, creates = false, description }: MutationOptions<string>,
): string {
  const said = [description, creates ? MADE_UP : undefined].filter((text) => text !== undefined).join('\n')
  const given = [
    `${key}: ID${creates ? '' : '!'}`,
    ...(input === undefined ? [] : [`input: ${input}`]),
    'commandId: ID',
    'expectedVersion: Int',
  ]
  return `${said === '' ? '' : described(said)} ${name}(${given.join(', ')}): CommandResult!`
}
