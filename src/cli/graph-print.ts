import { type Command, Option } from 'commander'
import { writeFile } from 'node:fs/promises'
import type { GraphView } from '../runtime/federation/graph-view.ts'
import type { GraphProblem } from '../runtime/federation/view-schemas.ts'
import { problemLines } from './graph-check.ts'
import { type ViewOptions, addSchemaOption, addViewOptions, openView } from './graph-options.ts'
import { print } from './print.ts'

interface Options extends ViewOptions {
  schema?: ReadonlyMap<string, string>
  out?: string
  public?: boolean
  subgraph?: string
}

/** `headwater graph print`: the SDL of the supergraph, of what clients see of it, or of a subgraph. */
export function registerGraphPrint(group: Command): void {
  const command = group
    .command('print')
    .description('print the supergraph (SDL) that the subgraphs compose to')
    .option('--out <file>', 'write it to this file')
    .option('--public', 'print the schema that clients see')
    .addOption(
      new Option('--subgraph <name>', 'print the SDL of this subgraph').conflicts(['public', 'supergraph']),
    )
  addSchemaOption(addViewOptions(command)).action(
    async ({ out, schema = new Map(), ...options }: Options) => {
      const view = await openView(options)
      const text = await sdlOf(view, schema, options)
      if (typeof text !== 'string') {
        for (const line of problemLines(text.problems)) process.stderr.write(`${line}\n`)
        if (!options.gateway && options.supergraph === undefined)
          process.stderr.write('For `headwater gateway`, which serves no context itself, add --gateway.\n')
        process.exitCode = 1
      } else if (out === undefined) print(text.trimEnd())
      else await writeFile(out, `${text.trimEnd()}\n`)
    },
  )
}

async function sdlOf(
  view: GraphView,
  changed: ReadonlyMap<string, string>,
  options: Pick<Options, 'public' | 'subgraph'>,
): Promise<string | { problems: GraphProblem[] }> {
  const { composeView, readSubgraph } = await import('../runtime/federation/view-schemas.ts')
  if (options.subgraph !== undefined) return await readSubgraph(view, changed, options.subgraph)
  const composed = await composeView(view, changed)
  if ('problems' in composed || !options.public)
    return 'problems' in composed ? composed : composed.supergraphSdl
  const { trySupergraph } = await import('../runtime/federation/try-supergraph.ts')
  return (await trySupergraph(composed.supergraphSdl)).publicSdl
}
