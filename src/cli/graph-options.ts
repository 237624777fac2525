import { type Command, InvalidArgumentError } from 'commander'
import { loadConfig } from '../runtime/config/index.ts'
import type { GraphView } from '../runtime/federation/graph-view.ts'
import { loadContexts } from '../runtime/load-contexts.ts'
import { contextNames } from './context-names.ts'

/** Which graph is looked at: the flags are those of `headwater start` and `headwater gateway`. */
export interface ViewOptions {
  gateway?: boolean
  contexts?: string
  supergraph?: string
}

const HELP = `
Whose graph it is:
  by default that of \`headwater start\`: contexts.serve, or all contexts, are served here, also where headwater.toml has
  a graphql_url for them; the other subgraphs of headwater.toml are elsewhere. With neither subgraphs nor a supergraph in
  headwater.toml it is all contexts together.
  With --gateway it is that of \`headwater gateway\`: nothing is served here.`

export function addViewOptions(command: Command): Command {
  return command
    .option('--gateway', 'look at it as `headwater gateway` does, which serves no context itself')
    .option(
      '--contexts <names>',
      'as `headwater start --contexts`: those served here, such as orders,inventory',
    )
    .option('--supergraph <file>', 'look at this composed supergraph (SDL) instead')
    .addHelpText('after', HELP)
}

/** `--schema name=FILE`, as often as there are subgraphs to change. */
export function addSchemaOption(command: Command): Command {
  return command.option(
    '--schema <name=file>',
    'take the SDL in this file for that subgraph, to try a change before it is deployed; can be repeated',
    changedSchema,
  )
}

function changedSchema(value: string, before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const at = value.indexOf('=')
  if (at < 1 || at === value.length - 1)
    throw new InvalidArgumentError('It has to be the name of a subgraph and a file: customers=new.graphql')
  return new Map([...before, [value.slice(0, at), value.slice(at + 1)]])
}

/** @throws ConfigurationError, ContextModuleError */
export async function openView({ gateway = false, contexts, supergraph }: ViewOptions): Promise<GraphView> {
  const { config } = loadConfig({
    overrides: {
      ...(contexts !== undefined && {
        contexts: { serve: contextNames(contexts) },
      }),
      ...(supergraph !== undefined && { gateway: { supergraph } }),
    },
  })
  // Here and not above: the help of a subcommand needs none of it.
  const { graphView } = await import('../runtime/federation/graph-view.ts')
  return graphView(config, await loadContexts(config.contexts), gateway)
}
