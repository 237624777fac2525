import { onTestFinished } from 'vitest'
import { createCopiesReader } from '../../src/projections/copies/read.ts'
import { startCopies } from '../../src/projections/copies/start.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { migrateKernel } from '../../src/projections/database/kernel-migrations.ts'
import { type Space, account, eventually } from './support.ts'

/** Copies of a space's accounts: by whom they are written, and how they are read. */
export async function openCopies(space: Space) {
  const { database, logs, namespace, stack, schema } = space
  await migrateKernel(database)
  const reader = createCopiesReader(database.read)

  /** As a process of its own would. */
  async function start({ batchSize = 3 } = {}) {
    const warnings: string[] = []
    const own = await createDatabase({
      url: stack.databaseUrl,
      schema,
      poolSize: 1,
      statementTimeoutMs: 10_000,
    })
    const copies = startCopies({
      aggregates: [account],
      logs,
      namespace,
      database: own,
      settings: { batchSize, buffer: 20, retryMaxMs: 200, probeMs: 50 },
      logger: {
        debug() {},
        info() {},
        warn: (fields) => void warnings.push(JSON.stringify(fields)),
        error() {},
      },
    })
    onTestFinished(async () => {
      await copies.stop()
      await own.close()
    })
    return { ...copies, warnings }
  }

  /** The copies of an account, as the reader has them. */
  async function read(id: string, { after = 0, limit = Number.POSITIVE_INFINITY } = {}) {
    const log = space.logOf('account')
    return await reader.read({ log, aggregate: 'account', id, after, limit })
  }

  async function versions(id: string, range = {}): Promise<number[][]> {
    return (await read(id, range)).map(({ events }) => events.map(({ sequence }) => sequence))
  }

  /** Waits until the copies have come to a sequence of the log. */
  async function reached(sequence: number): Promise<void> {
    const { stream, created } = space.logOf('account')
    await eventually(`the copies are at ${sequence}`, async () => {
      const { rows } = await database.pool.query<{ sequence: number }>(
        'select sequence from tb_copied_stream where stream = $1 and stream_created = $2',
        [stream, created],
      )
      return rows[0]?.sequence === sequence
    })
  }

  return { reader, start, read, versions, reached }
}
