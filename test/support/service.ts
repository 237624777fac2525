import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Identify, anonymous } from '../../src/graph/context/identify.ts'
import { type ConfigOverrides, loadConfig } from '../../src/runtime/config/index.ts'
import type { Context } from '../../src/runtime/define-context.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { startService } from '../../src/runtime/service.ts'
import { cleanEnv } from './clean-env.ts'
import { fillDataFolder } from './data-folder.ts'

const TIMEOUT_MS = 50_000

/** A whole service in this process, with servers, ports and data of its own, in a temporary folder. */
export async function startTestService({
  contexts,
  overrides = {},
  identify = anonymous,
}: { contexts?: readonly Context[]; overrides?: ConfigOverrides; identify?: Identify } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-service-'))
  const { config } = loadConfig({
    env: {},
    cwd: folder,
    overrides: {
      http: { port: 0 },
      nats: { port: 0 },
      postgres: { port: 0 },
      log: { level: 'silent' },
      ...overrides,
      // What is promised in seconds on an idle machine takes longer where several suites run.
      commands: { timeoutMs: TIMEOUT_MS, ...overrides.commands },
      graph: { atLeastTimeoutMs: TIMEOUT_MS, ...overrides.graph },
    },
  })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const start = async () => {
    if (config.postgres.url === undefined) await fillDataFolder(config.dataDir)
    return await startService({
      config,
      contexts: contexts ?? (await loadContexts(config.contexts)),
      identify,
    })
  }
  const service = await start().catch((error: unknown) => {
    remove()
    throw error
  })
  return {
    ...service,
    config,
    folder,
    /** For a CLI that is to find the service by its endpoints.json. */
    env: cleanEnv({ HEADWATER_COMMANDS_TIMEOUT_MS: String(TIMEOUT_MS) }),
    async stop() {
      await service.stop()
      remove()
    },
  }
}
