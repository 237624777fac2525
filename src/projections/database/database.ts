import { Kysely, PostgresDialect } from 'kysely'
import { Client, Pool } from 'pg'
import { HeadwaterError } from '../../streams/errors.ts'
import { type DatabaseOptions, connectionOptions } from './connection-options.ts'
import { quoted } from '../definition/identifiers.ts'
import type { KernelTables } from './kernel-tables.ts'
import type { Logger } from '../../streams/logger.ts'
import { type ReadPrepared, preparedReader } from './prepared.ts'

class DatabaseUnavailableError extends HeadwaterError {
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : 'no reason given'
    super({
      code: 'DATABASE_UNAVAILABLE',
      status: 503,
      detail: `PostgreSQL cannot be reached (${reason}). Is it running, and is DATABASE_URL right?`,
      cause,
    })
  }
}

/** The PostgreSQL of the projections: a pool for readers, and what a runner needs to open a connection of its own. */
export interface Database {
  readonly pool: Pool
  readonly db: Kysely<KernelTables>
  /** For what is read with every request. */
  readonly read: ReadPrepared
  readonly schema: string
  readonly options: DatabaseOptions
  close(): Promise<void>
}

/**
 * Opens the database, and creates its schema when it is missing. A restart of PostgreSQL costs the queries that are
 * under way; later ones find new connections.
 *
 * Values are read as projections declare them: `timestamptz` as ISO 8601 in UTC with milliseconds, `bigint` as a number
 * (an error beyond 2^53), `numeric` as a string, `jsonb` parsed.
 *
 * @throws TypeError when the schema is no identifier; DatabaseUnavailableError when PostgreSQL is not reached
 */
export async function createDatabase(options: DatabaseOptions & { logger?: Logger }): Promise<Database> {
  const { schema, poolSize, logger } = options
  const config = connectionOptions(options, 'headwater')
  await createSchema(options)
  const pool = new Pool({ ...config, max: poolSize })
  // An idle connection that breaks says so here; the pool has dropped it, and unheard it would end the process.
  pool.on('error', ({ message }) => {
    if (!closing) logger?.warn({ reason: message }, 'an idle connection to PostgreSQL was lost')
  })
  // So it would when it breaks in somebody's hands, between two statements: the next one says it to them.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new Kysely<KernelTables>({ dialect: new PostgresDialect({ pool }) })
  let closing: Promise<void> | undefined
  return { pool, db, read: preparedReader(pool), schema, options, close: () => (closing ??= pool.end()) }
}

/** `duplicate_schema`, and what two processes that create one at the same moment may get instead: `unique_violation`. */
const CREATED_MEANWHILE = new Set(['42P06', '23505'])

async function createSchema(options: DatabaseOptions): Promise<void> {
  const client = new Client(connectionOptions(options, 'headwater'))
  client.on('error', () => undefined)
  await client.connect().catch((cause: unknown) => {
    throw new DatabaseUnavailableError(cause)
  })
  try {
    // Not every role may create schemas: one that exists is not asked for again.
    const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [options.schema])
    if (rowCount === 0) await client.query(`create schema if not exists ${quoted(options.schema)}`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && CREATED_MEANWHILE.has(String(error.code)))) throw error
  } finally {
    await client.end()
  }
}
