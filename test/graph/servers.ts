import { connect } from '@nats-io/transport-node'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startEmbeddedNats, startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import { quietPort } from '../support/ports.ts'
import { fillDataFolder } from '../support/data-folder.ts'

/** Both servers, for the tests of one file; stopped, and their folder removed, by `stop`. */
export async function startServers() {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-graph-'))
  await fillDataFolder(folder)
  const host = '127.0.0.1'
  const options = { dataDir: folder, host, logger: pino({ level: 'silent' }) }
  const [nats, postgres] = await Promise.all([
    startEmbeddedNats({ ...options, port: await quietPort(host) }),
    startEmbeddedPostgres({ ...options, port: await quietPort(host), database: 'headwater' }),
  ])
  const nc = await connect({ servers: nats.url })
  return {
    nc,
    postgresUrl: postgres.url,
    async stop() {
      await nc.close()
      await Promise.all([nats.stop(), postgres.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Servers = Awaited<ReturnType<typeof startServers>>
