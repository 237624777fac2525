import { headers } from '@nats-io/nats-core'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { asker } from '../graph/ask.ts'
import { type Child, cli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { quietPort } from '../support/ports.ts'
import { type Stack, startStack, uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { hostOf } from '../../src/runtime/federation/own-subgraphs.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'

/** A process of the CLI that serves GraphQL at a port that stays the same when it is started again. */
export interface Part {
  readonly url: string
  readonly origin: string
  readonly child: Child
  /** As if the machine had gone. */
  kill(): Promise<void>
  /** In order, as an orchestrator does. */
  end(): Promise<number | null>
  start(): Promise<void>
}

/** The commerce contexts in processes of their own, and whatever gateway a test puts before them. */
export interface Topology {
  readonly stack: Stack
  readonly namespace: string
  readonly shop: Part
  readonly customers: Part
  /** A gateway over them; `toml` is its headwater.toml. */
  gateway(toml: string, env?: Record<string, string>): Promise<Part>
  stop(): Promise<void>
}

const READY = /"graph":"([^"]+)"/

export async function startTopology(): Promise<Topology> {
  const stack = await startStack()
  const namespace = uniqueName()
  const folder = mkdtempSync(join(tmpdir(), 'headwater-topology-'))
  const parts: Part[] = []
  const env = {
    ...cleanEnv(),
    NATS_URL: stack.natsUrl,
    DATABASE_URL: stack.databaseUrl,
    HEADWATER_NAMESPACE: namespace,
    HEADWATER_POSTGRES_SCHEMA: namespace,
    HEADWATER_LOG_FORMAT: 'json',
    // A loaded machine may take longer than the defaults allow.
    HEADWATER_GRAPH_AT_LEAST_TIMEOUT_MS: '60000',
    HEADWATER_COMMANDS_TIMEOUT_MS: '60000',
    HEADWATER_GATEWAY_TIMEOUT_MS: '60000',
    HEADWATER_GATEWAY_OPERATION_TIMEOUT_MS: '60000',
  }

  async function open(args: string[], own: Record<string, string>, cwd: string): Promise<Part> {
    let child: Child
    /** @returns the port that it has, which is another one when somebody else has the one that was asked for */
    async function startAt(port: string): Promise<string> {
      const all = [cli, ...args, '--port', port]
      child = startChild(process.execPath, all, { cwd, env: { ...env, ...own } })
      const [, graph = ''] = await child.printed(READY)
      return new URL(graph).port
    }
    async function end(): Promise<number | null> {
      child.process.kill('SIGTERM')
      return await child.exited
    }
    const port = await startAt(String(await quietPort()))
    const origin = `http://127.0.0.1:${port}`
    const part: Part = {
      url: `${origin}/graphql`,
      origin,
      get child() {
        return child
      },
      async start() {
        // Others were told of its port, which somebody may have taken while it was away.
        const again = async () => (await startAt(port)) === port || (await end(), false)
        await until(`port ${port} to be free`, again, 200_000)
      },
      async kill() {
        child.process.kill('SIGKILL')
        await child.exited
      },
      end,
    }
    parts.push(part)
    return part
  }

  const serve = (contexts: string) =>
    open(['start', '--contexts', contexts, '--no-gateway'], {}, mkdtempSync(join(folder, 'part-')))
  // One after the other: each starts two processes' worth of compiling, on two cores.
  const shop = await serve('orders,inventory')
  const customers = await serve(['customers', ...(await hostBeside())].join())

  return {
    stack,
    namespace,
    shop,
    customers,
    async gateway(toml, own = {}) {
      const cwd = mkdtempSync(join(folder, 'gateway-'))
      writeFileSync(join(cwd, 'headwater.toml'), toml)
      return await open(['gateway'], own, cwd)
    },
    async stop() {
      for (const part of parts.toReversed()) await part.end()
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One for the tests of a file, with a gateway that reaches both processes over HTTP. */
export function topologyOfFile(): () => { topology: Topology; gateway: Part } {
  let opened: { topology: Topology; gateway: Part } | undefined
  beforeAll(async () => {
    const topology = await startTopology()
    opened = { topology, gateway: await topology.gateway(overHttp(topology)) }
  })
  afterAll(() => opened?.topology.stop())
  return () => {
    if (!opened) throw new Error('The topology is started before the first test')
    return opened
  }
}

const SHOWN = ['orders', 'inventory', 'customers']

/** The context that has the subscription to bare events, should it be none of these: somebody has to serve it. */
async function hostBeside(): Promise<string[]> {
  const host = hostOf(await loadContexts({ modules: [], builtin: true, serve: [] }))
  return host === undefined || SHOWN.includes(host) ? [] : [host]
}

/** The two processes as subgraphs, over HTTP. */
export function overHttp({ shop, customers }: Topology, gateway = ''): string {
  return `
[gateway]
debug = true
poll_ms = 200
${gateway}
[[federation.subgraphs]]
name = "shop"
graphql_url = "${shop.url}"
[[federation.subgraphs]]
name = "customers"
graphql_url = "${customers.url}"
`
}

interface CommandReply {
  ok: boolean
  code?: string
  status?: number
}

/** Sends commands as a NATS client does, once: `order.o-1.confirm`. Rejects when nobody answers. */
export function commandSender({ stack: { nc }, namespace }: Topology, timeout = 15_000) {
  return async (path: string, data: unknown, commandId?: string): Promise<CommandReply> => {
    const head = headers()
    if (commandId !== undefined) head.set('Command-Id', commandId)
    const message = await nc.request(`${namespace}.cmd.${path}`, JSON.stringify(data), {
      timeout,
      headers: head,
    })
    return message.json<CommandReply>()
  }
}

/** What was served by which step, of the last answer's resolution log. */
export function stepsOf(resolution: unknown): string[] {
  if (!Array.isArray(resolution)) return []
  return resolution.map((one: { subgraph: string; type?: string; strategy: string; outcome: string }) =>
    [one.subgraph, one.type ?? 'root', one.strategy, one.outcome].join(' '),
  )
}

export { asker }
