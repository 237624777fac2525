import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type EmbeddedServer,
  type Logger,
  startEmbeddedNats,
  startEmbeddedPostgres,
} from '../../src/runtime/embedded/index.ts'
import { freePort } from '../../src/runtime/embedded/ports.ts'

const host = '127.0.0.1'
const shipped = fileURLToPath(new URL('../../nats-server.conf', import.meta.url))

/** Servers of a benchmark, each on data of its own in a temporary folder; whatever was opened is closed at the end. */
export interface Bench {
  /** An empty folder that goes away at the end. */
  folder(): Promise<string>
  /** NATS as it is shipped, or with every append forced to the disk before it is answered. */
  nats(sync?: 'default' | 'always'): Promise<EmbeddedServer>
  postgres(): Promise<EmbeddedServer>
  /** Has something closed at the end, the last first. */
  closing<T extends { stop(): Promise<unknown> }>(opened: T): T
}

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
}

/** Runs a benchmark and closes what it opened, however it ends: also when it is interrupted. */
export async function withBench<T>(run: (bench: Bench) => Promise<T>): Promise<T> {
  const opened: { stop(): Promise<unknown> }[] = []
  const closing: Bench['closing'] = (one) => {
    opened.push(one)
    return one
  }
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'headwater-bench-'))
    closing({ stop: () => rm(path, { recursive: true, force: true }) })
    return path
  }
  let closed: Promise<void> | undefined
  // Once: an interrupted benchmark fails too, and must not end before its servers have.
  const closeAll = () =>
    (closed ??= (async () => {
      for (const one of opened.toReversed()) await one.stop().catch(console.error)
    })())
  const interrupted = () => void closeAll().finally(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    return await run({
      folder,
      closing,
      async nats(sync = 'default') {
        const dataDir = await folder()
        const configFile = join(dataDir, 'bench.conf')
        const text = readFileSync(shipped, 'utf8')
        writeFileSync(
          configFile,
          sync === 'default' ? text : text.replace(/sync_interval:.*/, 'sync_interval: always'),
        )
        return closing(
          await startEmbeddedNats({ dataDir, host, port: await freePort(host), configFile, logger }),
        )
      },
      async postgres() {
        const dataDir = await folder()
        return closing(
          await startEmbeddedPostgres({
            dataDir,
            host,
            port: await freePort(host),
            database: 'bench',
            logger,
          }),
        )
      },
    })
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    await closeAll()
  }
}
