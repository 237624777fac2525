import { tmpdir } from 'node:os'
import { z } from 'zod'
import { readFileSync } from 'node:fs'
import { findNatsServer } from '../../src/runtime/embedded/nats-binary.ts'
import { natsVersion } from '../../src/runtime/embedded/nats-version.ts'
import { findPostgres } from '../../src/runtime/embedded/postgres-binaries.ts'
import { runCommand } from '../../src/runtime/embedded/run-command.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const Peers = z.object({ dependencies: z.record(z.string(), z.string()) })

/** What was measured, and against what: the servers that the benchmarks start, and the peers. */
export async function versionsOf(): Promise<{ servers: string[]; peers: string[] }> {
  const nats = await natsVersion(await findNatsServer({ dataDir: tmpdir(), logger: silent }))
  const { postgres } = await findPostgres(tmpdir())
  const { stdout } = await runCommand({ file: postgres, args: ['--version'] }, 5000)
  const { dependencies } = Peers.parse(
    JSON.parse(readFileSync(new URL('../peers/package.json', import.meta.url), 'utf8')),
  )
  return {
    servers: [
      `nats-server ${nats ?? 'unknown'}`,
      stdout.trim().replace('postgres (PostgreSQL)', 'PostgreSQL'),
    ],
    peers: Object.entries(dependencies).map(([name, version]) => `${name} ${version}`),
  }
}
