import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { onTestFinished } from 'vitest'
import { type ConfigOverrides, loadConfig } from '../../src/runtime/config/index.ts'
import type { Context } from '../../src/runtime/define-context.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { startGateway } from '../../src/runtime/gateway-service.ts'
import { startService } from '../../src/runtime/service.ts'
import { type Stack, uniqueName } from '../support/stack.ts'

export interface ServeOptions {
  env?: Record<string, string>
  overrides?: ConfigOverrides
  logger?: Logger
  /** More than those that there are. */
  contexts?: readonly Context[]
  /** Closed by whoever opened it when false. */
  untilTestEnds?: boolean
}

/** A whole service on a stack, with a namespace and a schema of its own; everything else as it is by default. */
export async function serveOn(
  stack: Pick<Stack, 'natsUrl' | 'databaseUrl'>,
  { env = {}, overrides = {}, logger, contexts: more = [], untilTestEnds = true }: ServeOptions = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-security-'))
  const namespace = uniqueName()
  const { config } = loadConfig({
    env,
    cwd,
    overrides: {
      namespace,
      log: { level: 'silent' },
      ...overrides,
      // What is promised in seconds on an idle machine takes longer where several suites run.
      commands: { timeoutMs: 50_000, ...overrides.commands },
      nats: { url: stack.natsUrl },
      postgres: { url: stack.databaseUrl, schema: namespace, poolSize: 5 },
      http: { port: 0, ...overrides.http },
    },
  })
  const contexts = [...(await loadContexts(config.contexts)), ...more]
  const service = await startService({ config, contexts, ...(logger && { logger }) })
  const stop = async () => {
    await service.stop()
    rmSync(cwd, { recursive: true, force: true })
  }
  if (untilTestEnds) onTestFinished(stop)
  const url = service.endpoints.graph
  return { ...service, config, namespace, url, origin: new URL(url).origin, stop }
}

export type Served = Awaited<ReturnType<typeof serveOn>>

/** A gateway in front of one subgraph, without a stack; stopped when the test ends. */
export async function gatewayBefore(
  { url: graphqlUrl }: { url: string },
  env: Record<string, string> = {},
  overrides: ConfigOverrides = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-security-'))
  const { config } = loadConfig({
    env,
    cwd,
    overrides: {
      log: { level: 'silent' },
      http: { port: 0 },
      federation: { subgraphs: [{ name: 'elsewhere', graphqlUrl }] },
      ...overrides,
    },
  })
  const gateway = await startGateway({ config, contexts: [] })
  onTestFinished(async () => {
    await gateway.stop()
    rmSync(cwd, { recursive: true, force: true })
  })
  const { url } = gateway
  return { url, origin: new URL(url).origin }
}
