import { Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, DummyDriver } from 'kysely'
import type { Pool, PoolConnection, TypeCastField } from 'mysql2'
import type { AnyTables } from '../../../projections/definition/definition.ts'
import { DatabaseDriverMissingError } from '../errors.ts'
import { type SocketTarget, createSockets } from './sockets.ts'
import { selectIn } from './statement.ts'
import type { RawRow, TableDriver, TableDriverOptions } from './table-driver.ts'
import { type ErrorMeaning, translator } from './translate.ts'

/** They stand in the text of the statement, which has 16 MB in the server's defaults; a key of ours has 128 bytes. */
const MAX_KEY_VALUES = 20_000
/** How many may wait for a connection. */
const MAX_WAITING = 1000
/** How long the server may take to take leave, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5000

/**
 * Reads tables of a MySQL or MariaDB with `mysql2`, an optional package. Statements are Kysely's; they run on connections of
 * our own, for the reason that `openPostgres` gives.
 *
 * @throws DatabaseDriverMissingError when mysql2 is not installed
 */
export async function openMysql(options: TableDriverOptions): Promise<TableDriver> {
  const { createPool } = await import('mysql2').catch(() => {
    throw new DatabaseDriverMissingError('MySQL and MariaDB', 'mysql2')
  })
  const sockets = createSockets()
  const pool = createPool({
    uri: options.url.replace(/^mariadb:/, 'mysql:'),
    connectionLimit: options.poolSize,
    queueLimit: MAX_WAITING,
    connectTimeout: options.connectTimeoutMs,
    multipleStatements: false,
    charset: 'utf8mb4',
    typeCast: asText,
    stream: ({ config }: { config: SocketTarget }) => sockets.connect(config),
  })
  const compiler = new Kysely<AnyTables>({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new MysqlIntrospector(db),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
  })
  const translated = translator(options, meaningOf)
  const run = runnerOn(pool, options.statementTimeoutMs)

  return {
    maxKeyValues: MAX_KEY_VALUES,
    async select(query, keys, signal) {
      const { sql, parameters } = selectIn(query, keys).compile(compiler)
      try {
        return await run(sql, parameters, signal)
      } catch (error) {
        throw translated(error)
      }
    },
    async ping(signal) {
      try {
        await run('select 1', [], signal)
      } catch (error) {
        throw translated(error)
      }
    },
    async close() {
      // What it answers is that the goodbyes are on their way, or that a connection has failed: either way the sockets end.
      pool.end(() => undefined)
      await sockets.closed(CLOSE_TIMEOUT_MS)
    },
  }
}

type Run = (text: string, values: readonly unknown[], signal: AbortSignal) => Promise<RawRow[]>

/** Runs statements, each on a connection that is given up when nobody waits for it any more. */
function runnerOn(pool: Pool, statementTimeoutMs: number): Run {
  const ready = new WeakSet<PoolConnection>()

  return async (text, values, signal) => {
    const connection = await connected(pool)
    const given = Promise.withResolvers<never>()
    const giveUp = () => {
      connection.destroy()
      // A statement on a connection that is destroyed never hears of its end.
      given.reject(signal.reason)
    }
    if (signal.aborted) connection.release()
    signal.throwIfAborted()
    signal.addEventListener('abort', giveUp, { once: true })
    const read = async () => {
      if (!ready.has(connection)) await prepare(connection, statementTimeoutMs)
      ready.add(connection)
      return await answer(connection, text, values)
    }
    try {
      return await Promise.race([read(), given.promise])
    } catch (error) {
      if (!ready.has(connection)) connection.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
      connection.release()
    }
  }
}

/** Columns as the server writes them; of bits there is no text. */
function asText(field: TypeCastField): unknown {
  return field.type === 'BIT' ? field.buffer() : field.string()
}

function connected(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) =>
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
  )
}

/**
 * Every connection reads times in UTC, writes nothing and has a limit. The `sql_mode` is set because values are escaped by
 * the driver: with NO_BACKSLASH_ESCAPES, which a server may have, a quote in a key would end its text.
 */
async function prepare(connection: PoolConnection, timeoutMs: number): Promise<void> {
  const [row] = await answer(connection, 'select version() as version', [])
  const limit = String(row?.['version']).includes('MariaDB')
    ? `max_statement_time = ${timeoutMs / 1000}`
    : `max_execution_time = ${timeoutMs}`
  const sets = `set session sql_mode = 'STRICT_TRANS_TABLES', time_zone = '+00:00', ${limit}`
  await answer(connection, sets, [])
  await answer(connection, 'set session transaction read only', [])
}

function answer(connection: PoolConnection, text: string, values: readonly unknown[]): Promise<RawRow[]> {
  return new Promise((resolve, reject) =>
    connection.query(text, [...values], (error, rows: unknown) => {
      if (error) reject(error)
      else resolve(Array.isArray(rows) ? rows.filter(isRow) : [])
    }),
  )
}

function isRow(row: unknown): row is RawRow {
  return typeof row === 'object' && row !== null
}

function meaningOf(code: string): ErrorMeaning {
  // MariaDB's `max_statement_time`, MySQL's `max_execution_time`.
  if (code === '1969' || code === 'ER_QUERY_TIMEOUT') return 'timeout'
  return code === 'ER_TRUNCATED_WRONG_VALUE' || code === 'ER_DATA_OUT_OF_RANGE' ? 'value' : 'failure'
}
