import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { environmentOf as environmentInCompose } from '../deploy/compose.ts'
import { type Child, cli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import type { NatsCluster } from './nats-cluster.ts'

const naps = fileURLToPath(new URL('nap.ts', import.meta.url))

/** `headwater start` in a process of its own, with what compose.yaml gives it, and the naps. It goes with the test. */
export async function startReplica(cluster: NatsCluster, databaseUrl: string): Promise<Child> {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-replica-'))
  const { password } = cluster.credentials('service')
  const child = startChild(process.execPath, [cli, 'start'], {
    cwd,
    env: cleanEnv({
      NODE_ENV: 'production',
      ...environmentInCompose('headwater-a', { SERVICE_PASSWORD: password, POSTGRES_PASSWORD: '' }),
      // What is elsewhere here.
      NATS_URL: cluster.url,

      DATABASE_URL: databaseUrl,
      HEADWATER_HTTP_PORT: '0',
      HEADWATER_LOG_LEVEL: 'warn',
      HEADWATER_CONTEXTS_MODULES: naps,
    }),
  })
  onTestFinished(() => {
    child.process.kill('SIGKILL')
    rmSync(cwd, { recursive: true, force: true })
  })
  await child.printed(/Headwater is up/)
  return child
}
