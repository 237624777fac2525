import { connect } from '@nats-io/transport-node'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startEmbeddedNats, startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'

/** Both servers, for the tests of one file; stopped, and their folder removed, by `stop`. */
export async function startServers() {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-graph-'))
  const options = { dataDir: folder, host: '127.0.0.1', port: 0, logger: pino({ level: 'silent' }) }
  const nats = await startEmbeddedNats(options)
  const postgres = await startEmbeddedPostgres({ ...options, database: 'headwater' })
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
