import type { Command } from 'commander'
import type { GraphCheck } from '../runtime/federation/check-graph.ts'
import type { GraphProblem } from '../runtime/federation/view-schemas.ts'
import { type ViewOptions, addSchemaOption, addViewOptions, openView } from './graph-options.ts'
import { print, printJson } from './print.ts'
import { formatTable } from './table.ts'

interface Options extends ViewOptions {
  schema?: ReadonlyMap<string, string>
  json?: boolean
}

/** `headwater graph check`: whether the subgraphs compose, and how every field would be reached. */
export function registerGraphCheck(group: Command): void {
  const check = group
    .command('check')
    .description(
      'compose the subgraphs as the gateway would, and print by which strategies each field is served; exit code 1 when it would not start',
    )
    .option('--json', 'print it as JSON')
  addSchemaOption(addViewOptions(check)).action(async ({ schema = new Map(), json, ...view }: Options) => {
    const opened = await openView(view)
    const { checkGraph } = await import('../runtime/federation/check-graph.ts')
    const checked = await checkGraph(opened, schema)
    if (json) printJson({ ok: checked.problems.length === 0, ...checked })
    else for (const line of lines(checked)) print(line)
    if (checked.problems.length > 0) process.exitCode = 1
  })
}

const WHOSE = {
  start: 'as `headwater start` serves it',
  gateway: 'as `headwater gateway` serves it',
  contexts: 'as all contexts make it together',
}

function lines({ as, subgraphs, problems, warnings, fields }: GraphCheck): string[] {
  const table = formatTable(
    ['SUBGRAPH', 'TYPE', 'FIELD', 'STRATEGIES'],
    fields.map(({ subgraph, type, field, strategies }) => [
      subgraph,
      type,
      field,
      strategies.join(' → ') || 'none',
    ]),
  )
  const told = warnings.map(({ subgraph, message }) => `warning: ${of(subgraph)}${message}`)
  if (problems.length > 0)
    return [
      ...problemLines(problems),
      ...told,
      `The graph cannot be served, ${WHOSE[as]}: ${problems.length} ${problems.length === 1 ? 'error' : 'errors'}.`,
      ...(as === 'start' ? ['For `headwater gateway`, which serves no context itself, add --gateway.'] : []),
    ]
  const places = subgraphs.map(({ name, reached }) => `${name} (${PLACES[reached ?? 'tables']})`)
  return [...table, ...told, `The graph composes, ${WHOSE[as]}: ${places.join(', ')}.`]
}

const PLACES = { here: 'here', http: 'http', tables: 'its tables alone' }

/** Each problem with its code and, if it is of one, its subgraph. */
export function problemLines(problems: readonly GraphProblem[]): string[] {
  return problems.map(({ code, subgraph, message }) => `error: ${code}: ${of(subgraph)}${message}`)
}

function of(subgraph: string | null): string {
  return subgraph === null ? '' : `[${subgraph}] `
}
