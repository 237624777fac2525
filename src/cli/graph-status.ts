import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { type Config, loadConfig, maskUrl } from '../runtime/config/index.ts'
import { readEndpoints } from '../runtime/endpoints-file.ts'
import { NoServiceError } from '../runtime/no-service.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { print, printJson } from './print.ts'
import { formatTable } from './table.ts'

const PATIENCE_MS = 10_000

/** What `/health/ready` says; more than this may be in it. */
const Ready = z.looseObject({
  status: z.string(),
  subgraphs: z
    .array(
      z.looseObject({
        name: z.string(),
        status: z.string(),
        schema: z.string(),
        schemaError: z.string().optional(),
        databases: z.array(z.object({ strategy: z.string(), status: z.string() })),
        open: z.array(z.object({ type: z.string().nullable(), strategy: z.string(), breaker: z.string() })),
      }),
    )
    .optional(),
  schemaRejected: z.string().optional(),
})

type Ready = z.output<typeof Ready>

/** `headwater graph status`: how a running gateway, or service, reaches each subgraph. */
export function registerGraphStatus(group: Command): void {
  group
    .command('status')
    .description(
      'ask the running gateway or service how each subgraph is reached; exit code 1 when it is not ready or does not answer',
    )
    .option(
      '--url <url>',
      'where it is: http://host:4000; without it, the service that runs in this folder',
      address,
    )
    .option('--json', 'print what it says as JSON')
    .action(async ({ url, json }: { url?: string; json?: boolean }) => {
      const ready = await ask(url ?? (await runningHere(loadConfig({}).config)))
      if (json) printJson(ready)
      else for (const line of lines(ready)) print(line)
      if (ready.status !== 'up' && ready.status !== 'degraded') process.exitCode = 1
    })
}

function address(value: string): string {
  const url = URL.parse(value)
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return value
  throw new InvalidArgumentError('It has to be an http or https address, without user and password.')
}

async function runningHere({ dataDir }: Pick<Config, 'dataDir'>): Promise<string> {
  const url = (await readEndpoints(dataDir))?.graph
  if (url !== undefined) return url
  throw new NoServiceError('say where the service or gateway is with --url http://host:4000')
}

/** @param url of the graph, or of what it is served under */
async function ask(url: string): Promise<Ready> {
  const base = new URL(url)
  base.pathname = `${base.pathname.replace(/(\/graphql)?\/*$/, '')}/health/ready`
  base.search = ''
  base.hash = ''
  const shown = maskUrl(base.href)
  const text = await fetch(base, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' })
    .then((response) => response.text())
    .catch((cause: unknown) => {
      throw new HeadwaterError({
        code: 'NO_ANSWER',
        status: 503,
        detail: `Nothing answers at ${shown}: start the service or gateway, or say where it is with --url`,
        cause,
      })
    })
  const ready = Ready.safeParse(parsed(text))
  if (ready.success) return ready.data
  throw new HeadwaterError({
    code: 'NO_ANSWER',
    status: 503,
    detail: `What answers at ${shown} is neither a service nor a gateway of Headwater: say where it is with --url`,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function lines({ status, subgraphs, schemaRejected }: Ready): string[] {
  return [
    ...(subgraphs
      ? formatTable(
          ['SUBGRAPH', 'STATUS', 'SCHEMA', 'DATABASES', 'BREAKERS'],
          subgraphs.map(({ name, status: how, schema, databases, open }) => [
            name,
            how,
            schema,
            databases.map((one) => `${one.strategy} ${one.status}`).join(', ') || '-',
            open.map((one) => `${one.type ?? '*'} ${one.strategy} ${one.breaker}`).join(', ') || '-',
          ]),
        )
      : [
          'It has no subgraphs: all of the graph is served by its own process. Ask a gateway with --url http://host:port.',
        ]),
    ...(subgraphs ?? []).flatMap(({ schemaError }) => (schemaError === undefined ? [] : [schemaError])),
    ...(schemaRejected === undefined
      ? []
      : [`The newest schemas are not taken, and those of before serve: ${schemaRejected}`]),
    `The graph is ${status}.`,
  ]
}
